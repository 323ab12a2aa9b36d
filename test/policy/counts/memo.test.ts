import t from 'tap'
import { memoised } from '../../../src/policy/counts/memo.ts'

function counted (max: number, maxLength: number): { readonly ask: (text: string) => string | undefined, readonly asked: string[] } {
  const asked: string[] = []
  const ask = memoised(max, maxLength, (text) => {
    asked.push(text)
    return text === 'nothing' ? undefined : text.toUpperCase()
  })
  return { ask, asked }
}

t.test('an answer is worked out once, also when it is undefined', async t => {
  const { ask, asked } = counted(4, 10)
  t.strictSame(['a', 'nothing', 'a', 'nothing'].map(ask), ['A', undefined, 'A', undefined])
  t.strictSame(asked, ['a', 'nothing'])
})

t.test('what is asked for often outlives a stream of what comes once', async t => {
  const { ask, asked } = counted(4, 10)
  for (let i = 0; i < 100; i++) {
    ask('often')
    ask(`once ${i}`)
  }
  t.equal(asked.filter((text) => text === 'often').length, 1)
})

t.test('what has not been asked for lately is forgotten, so memory is bounded', async t => {
  const { ask, asked } = counted(4, 10)
  for (const text of ['a', 'b', 'c', 'd', 'e', 'a']) ask(text)
  t.strictSame(asked, ['a', 'b', 'c', 'd', 'e', 'a'])
})

t.test('a long text is answered but not kept', async t => {
  const { ask, asked } = counted(4, 3)
  t.strictSame([ask('long'), ask('long')], ['LONG', 'LONG'])
  t.equal(asked.length, 2)
})
