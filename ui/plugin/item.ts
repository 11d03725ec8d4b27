/** What the PBX Manager says about the plugin (wire-protocols 7.1): fields of older and newer versions, read in one place. */
import { textOf } from './unknown.ts'

export interface Item {
  /** Address of the plugin without extension, as a browser on this page can reach it. */
  readonly uri: string
  /** Address of the AppWebsocket (7.2). */
  readonly socket: string
  /** https address of the instance, as it begins the URLs of App objects; without trailing slash. */
  readonly base: string
  /** Domain of the instance, as its address names it (6.1). */
  readonly domain: string
  /**
   * The path of the instance as the manager of the App Platform knows it. Inferred: nobody says whether the name of the plugin is part
   * of it, so these are tried one after the other.
   */
  readonly paths: readonly string[]
  /** Name of the App object of the App Platform: provider of the manager's API (7.3). */
  readonly ap: string
  readonly png: string
}

const withoutLast = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** With another scheme where that leads to the same server: an address with a port of its own says itself what is spoken there. */
const secure = (uri: string): string => /^http:\/\/[^/]*:\d+\//.test(uri) ? uri : uri.replace(/^http:/, 'https:')

/** @param item `ap`, `uri`, `png`; newer `apUri` (`<path>/<plugin>`) and `httpsUri` */
export function readItem(item: unknown): Item {
  const given = textOf(item, 'uri')
  const https = textOf(item, 'httpsUri') || secure(given)
  // A page that came by https can load nothing by http.
  const uri = location.protocol === 'https:' || given === '' ? https : given
  const ofAp = textOf(item, 'apUri') || uri.replace(/^[a-z]+:\/\/[^/]*/, '')
  const plugin = ofAp.replace(/^\/+/, '')
  const base = withoutLast(https).replace(/^http:/, 'https:')
  return {
    uri, socket: uri.replace(/^http/, 'ws'), base, domain: /^[a-z]+:\/\/[^/]*\/([^/]+)/.exec(base)?.[1] ?? '',
    paths: [withoutLast(plugin), plugin], ap: textOf(item, 'ap'), png: textOf(item, 'png'),
  }
}
