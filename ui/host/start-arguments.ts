/** Arguments with which myApps starts an app (wire-protocols 6.3); absent ones fall back to what this browser knows. */
import { givenLanguage, type Language } from '../text/language.ts'
import type { Scheme } from './settings.ts'

export interface StartArguments {
  /** Name of the App object; expected in `pbxObj` of a login by the parent. */
  readonly name: string | undefined
  readonly url: string | null
  /** Undefined only when none is given: then this browser decides (6.3). */
  readonly lang: Language | undefined
  readonly scheme: Scheme | undefined
  /** Everything else: a deep link. */
  readonly args: URLSearchParams
}

const OWN = ['name', 'title', 'lang', 'scheme', 'url', 'originalUrl', 'clientUrl']

export function startArguments(query: string): StartArguments {
  const all = new URLSearchParams(query)
  const lang = all.get('lang')
  const scheme = all.get('scheme')
  const result = {
    name: all.get('name') ?? undefined, url: all.get('url'), lang: lang ? givenLanguage(lang) : undefined,
    scheme: scheme === 'dark' || scheme === 'light' ? scheme : undefined, args: all,
  } as const
  for (const key of OWN) all.delete(key)
  return result
}
