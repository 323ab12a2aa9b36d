import type { Call, Reply } from './routes/call.ts'
import { iso8601Now, rfc2822Now } from './dates.ts'
import { snake } from './routes/kind.ts'
import { isXmlPath } from './model/answers/errors.ts'
import type { Fields, Resource } from './model/resources.ts'
import { pascal, xmlOf, xmlPage } from './model/answers/xml.ts'
import type { PageLinks } from './routes/paging.ts'

/** How a host writes its answers: v2010 in the manner of 2010, everything else in the later one. */
export interface Style {
  readonly now: () => string
  /** What fields such as subresource_uris and links start with. */
  readonly self: (collection: string, sid: string) => string
  /** Address field of a resource at this place. */
  readonly address: (self: string) => Fields
  readonly resource: (status: number, name: string, resource: Fields) => Reply
  readonly page: (name: string, key: string, items: readonly Resource[], links: PageLinks) => Reply
}

export function styleOf (call: Call): Style {
  if (!call.path.startsWith('/2010-04-01')) return modern(call)
  return isXmlPath(call.path) ? { ...classic, resource: classicXml, page: classicXmlPage } : classic
}

const JSON_TYPE = 'application/json;charset=utf-8'
const json = (status: number, value: unknown): Reply =>
  ({ status, contentType: JSON_TYPE, body: JSON.stringify(value) })
const xml = (status: number, body: string): Reply => ({ status, contentType: 'application/xml', body })

const classicPage = ({ number, size, here, first, previous, next }: PageLinks, count: number): Fields => ({
  page: number,
  page_size: size,
  first_page_uri: first,
  previous_page_uri: previous,
  next_page_uri: next,
  uri: here,
  start: number * size,
  end: number * size + Math.max(0, count - 1)
})

const classic: Style = {
  now: rfc2822Now,
  self: (collection, sid) => `${collection}/${sid}`,
  address: (self) => ({ uri: `${self}.json` }),
  resource: (status, _name, resource) => json(status, resource),
  page: (_name, key, items, links) => json(200, { [key]: items, ...classicPage(links, items.length) })
}

const singular = (name: string): string => name.replace(/ies$/, 'y').replace(/(?<!s)s$/, '')

const classicXml = (status: number, name: string, resource: Fields): Reply =>
  xml(status, xmlOf(singular(name), resource))

const classicXmlPage: Style['page'] = (name, _key, items, links) =>
  xml(200, xmlPage(pascal(name), singular(name), classicPage(links, items.length), items))

function modern ({ host }: Call): Style {
  const absolute = (link: string | null): string | null => link === null ? null : `https://${host}${link}`
  return {
    now: iso8601Now,
    self: (collection, sid) => `https://${host}${collection}/${sid}`,
    address: (self) => ({ url: self }),
    resource: (status, _name, resource) => json(status, resource),
    page: (name, key, items, { number, size, here, first, previous, next }) => json(200, {
      [key]: items,
      meta: {
        page: number,
        page_size: size,
        first_page_url: absolute(first),
        previous_page_url: absolute(previous),
        url: absolute(here),
        next_page_url: absolute(next),
        key: key === '' ? snake(name) : key
      }
    })
  }
}
