import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { SchemaNode } from './schema/node.ts'
import { settingsSchema } from './schema/settings.ts'
import { clip, shownName } from './shown.ts'
import { suggest } from './suggest.ts'
import { mustBe, refusal } from './wording.ts'

/** A fault together with the way to its key, one name or list index a step. */
export interface LocatedFault {
  readonly steps: readonly string[]
  readonly path: string
  readonly message: string
  /** The way to what has a line in the file, where the key itself is missing from it. */
  readonly within?: readonly string[]
}

let compiled: ValidateFunction | undefined

function compile (): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true })
  ajv.addVocabulary(['patternErrorMessage'])
  return ajv.compile(settingsSchema)
}

/** Everything in a complete tree of settings that its schema does not accept; one fault a key. */
export function validate (tree: unknown): readonly LocatedFault[] {
  compiled ??= compile()
  compiled(tree)
  const faults = new Map<string, LocatedFault>()
  for (const error of compiled.errors ?? []) {
    const fault = describe(error)
    if (fault === undefined) continue
    const id = JSON.stringify(fault.steps)
    if (!faults.has(id)) faults.set(id, fault)
  }
  return [...faults.values()]
}

function describe (error: ErrorObject): LocatedFault | undefined {
  const steps = error.instancePath.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const node = error.parentSchema as SchemaNode
  switch (error.keyword) {
    // Inside propertyNames: told once, by the error of propertyNames itself.
    case 'pattern':
      return error.propertyName === undefined ? badValue(steps, error.data, node) : undefined
    case 'propertyNames': {
      const { propertyName } = error.params as { propertyName: string }
      return {
        steps: [...steps, propertyName],
        path: dotted(steps),
        message: `a key ${mustBe(node.propertyNames ?? {})}`
      }
    }
    case 'required': {
      // Only in shapes: what a section lacks has its default by now.
      const { missingProperty } = error.params as { missingProperty: string }
      const message = `is missing; it ${mustBe(node.properties?.[missingProperty] ?? {})}`
      return { steps: [...steps, missingProperty], path: `${dotted(steps)}.${missingProperty}`, message, within: steps }
    }
    case 'additionalProperties':
      return node.patternProperties === undefined
        ? unknownKey(steps, (error.params as { additionalProperty: string }).additionalProperty, node)
        : undefined
    case 'minProperties':
      // A missing key that is required has a fault of its own.
      return (node.required ?? []).length === 0 ? badValue(steps, error.data, node) : undefined
    default:
      return badValue(steps, error.data, node)
  }
}

function badValue (steps: readonly string[], value: unknown, node: SchemaNode): LocatedFault {
  const message = refusal(value, node)
  return { steps, path: pathOf(steps), message: isAccount(steps) ? `a value ${message}` : message }
}

const isAccount = ([section, , ...entry]: readonly string[]): boolean => section === 'accounts' && entry.length > 0

/**
 * The key that a fault names. Keys of accounts are not repeated: a key that was swapped with a secret would show it.
 */
export const pathOf = (steps: readonly string[]): string => dotted(isAccount(steps) ? steps.slice(0, 2) : steps)

function unknownKey (steps: readonly string[], name: string, node: SchemaNode): LocatedFault {
  const meant = suggest(name, Object.keys(node.properties ?? {}))
  const safe = clip(shownName(name))
  const shown = safe !== clip(name) || /^[\w-]+$/.test(name) ? safe : JSON.stringify(safe)
  const message = meant === undefined ? 'unknown key' : `unknown key; did you mean ${meant}?`
  return { steps: [...steps, name], path: steps.length === 0 ? shown : `${dotted(steps)}.${shown}`, message }
}

/** The way to a key as messages show it: `queue.classes[0].match`. */
export function dotted (steps: readonly string[]): string {
  if (steps.length === 0) return 'the file'
  return steps.map(shownName).reduce(
    (path, step) => /^\d+$/.test(step) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`,
    ''
  )
}
