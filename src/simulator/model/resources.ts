export type Fields = Readonly<Record<string, unknown>>
export interface Resource extends Fields { readonly sid: string }

export interface PageWanted {
  readonly size: number
  /** From 0. */
  readonly number: number
  /** The last resource of the page before. */
  readonly after?: string | undefined
  readonly fits?: ((resource: Resource) => boolean) | undefined
}

export interface Page {
  readonly items: readonly Resource[]
  readonly hasMore: boolean
}

type Collection = Map<string, Resource>

/** Resources by collection (one account's messages, one service's verifications), newest first. Bounded. */
export class Resources {
  readonly #collections = new Map<string, Collection>()
  readonly #owners = new Map<string, string>()

  /** Adds or replaces a resource; beyond the bound the oldest of all is forgotten. */
  put (collection: string, resource: Resource, maxResources: number): void {
    let members = this.#collections.get(collection)
    if (members === undefined) {
      members = new Map()
      this.#collections.set(collection, members)
    }
    members.set(resource.sid, resource)
    this.#owners.set(resource.sid, collection)
    while (this.#owners.size > maxResources) {
      const oldest = this.#owners.entries().next().value
      if (oldest === undefined) break
      this.remove(oldest[1], oldest[0])
    }
  }

  get (collection: string, sid: string): Resource | undefined {
    return this.#collections.get(collection)?.get(sid)
  }

  /** Changes some fields; undefined when there is no such resource. */
  change (collection: string, sid: string, fields: Fields): Resource | undefined {
    const members = this.#collections.get(collection)
    const resource = members?.get(sid)
    if (members === undefined || resource === undefined) return undefined
    const next = { ...resource, ...fields, sid }
    members.set(sid, next)
    return next
  }

  /** Whether there was one. */
  remove (collection: string, sid: string): boolean {
    const members = this.#collections.get(collection)
    if (members?.delete(sid) !== true) return false
    if (members.size === 0) this.#collections.delete(collection)
    this.#owners.delete(sid)
    return true
  }

  /** The page after the resource named, or, when it is gone or not named, the page with this number. */
  page (collection: string, { size, number, after, fits = () => true }: PageWanted): Page {
    const newestFirst = [...this.#collections.get(collection)?.values() ?? []].reverse().filter(fits)
    const place = after === undefined ? -1 : newestFirst.findIndex(({ sid }) => sid === after)
    const start = place < 0 ? number * size : place + 1
    return { items: newestFirst.slice(start, start + size), hasMore: newestFirst.length > start + size }
  }

  /** The newest member that fits. */
  find (collection: string, fits: (resource: Resource) => boolean): Resource | undefined {
    return [...this.#collections.get(collection)?.values() ?? []].reverse().find(fits)
  }

  get size (): number {
    return this.#owners.size
  }
}
