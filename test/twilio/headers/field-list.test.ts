import t from 'tap'
import { membersOf, tokensOf } from '../../../src/twilio/headers/field-list.ts'

t.test('a list of tokens: in one line or several, empty elements, spaces, tabs, quotes and case', async (t) => {
  for (const [value, tokens] of [
    [undefined, []], ['', []], [', ,\t,', []], [[], []],
    ['close', ['close']], ['Keep-Alive, X-One', ['keep-alive', 'x-one']], [['close', 'X-One,X-Two'], ['close', 'x-one', 'x-two']],
    [' \tX-One\t ,,\tX-Two ', ['x-one', 'x-two']], ['"X-One", "X-Two, X-Three"', ['x-one', 'x-two', 'x-three']], ['"X-One, X-Two', ['x-one', 'x-two']],
    ['x-one x-two', ['x-one x-two']], ['x\u00a0', ['x\u00a0']]
  ] as Array<[string | string[] | undefined, string[]]>) t.strictSame(tokensOf(value), tokens, JSON.stringify(value))
})

t.test('a list of directives: a comma within a quoted string divides nothing', async (t) => {
  for (const [value, members] of [
    [undefined, []], ['', []], [' , ', []], ['max-age=5, No-Store', ['max-age=5', 'No-Store']],
    ['private="a, no-store", max-age=5', ['private="a, no-store"', 'max-age=5']], ['x="a\\", b", c', ['x="a\\", b"', 'c']],
    [['a="1,2"', 'b'], ['a="1,2"', 'b']], ['a="1, b, c', ['a="1', 'b', 'c']], ['a="1\\', ['a="1\\']], ['"",b', ['""', 'b']]
  ] as Array<[string | string[] | undefined, string[]]>) t.strictSame(membersOf(value), members, JSON.stringify(value))
})
