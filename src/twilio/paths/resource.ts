import { looseForm } from './spelling.ts'

/**
 * The resource that a path names, and what it lies below, for deciding whether a write may change what a read sees.
 * `/v2/Services/VA1/Entities.json?Page=1` is `/v2/Services/VA1/Entities`, below `/v2/Services/VA1`, `/v2/Services`,
 * `/v2`. An escaped `%2B1555…` is the number that a plain `+1555…` is. All is in lower case: that a write by another
 * spelling of a path touches too much is better than that it touches nothing.
 */
export function resourceOf (path: string): string {
  return looseForm(path).toLowerCase().replace(/(?:\.json|\.xml|\.csv)?\/?$/, '')
}

/** What a resource lies below, nearest first; not itself. */
export function ancestorsOf (resource: string): readonly string[] {
  const ancestors: string[] = []
  for (let end = resource.lastIndexOf('/'); end > 0; end = resource.lastIndexOf(
    '/',
    end - 1
  )) ancestors.push(resource.slice(0, end))
  return ancestors
}
