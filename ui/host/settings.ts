/** Language and colour scheme: given by the client, or chosen here and kept in this browser. */
import { Cell } from '../state/cell.ts'
import { givenLanguage, isLanguage, type Language } from '../text/language.ts'
import { browserStorage } from './storage.ts'

export type Scheme = 'light' | 'dark'
const isScheme = (value: string | undefined): value is Scheme => value === 'light' || value === 'dark'

export const language = new Cell<Language>('en')
export const scheme = new Cell<Scheme>('dark')

/** Applies the first values: argument, then own choice, then the browser's. */
export function startSettings(given: { lang: Language | undefined, scheme: Scheme | undefined }): void {
  const keptLanguage = browserStorage.get('devices.language')
  const browserLanguage = navigator.language.slice(0, 2)
  language.set(given.lang ?? (isLanguage(keptLanguage) ? keptLanguage : isLanguage(browserLanguage) ? browserLanguage : 'en'))
  const keptScheme = browserStorage.get('devices.scheme')
  scheme.set(given.scheme ?? (isScheme(keptScheme) ? keptScheme : matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'))
  const apply = (): void => {
    document.documentElement.lang = language.value
    document.documentElement.dataset['scheme'] = scheme.value
  }
  language.subscribe(apply)
  scheme.subscribe(apply)
  apply()
}

export function setLanguage(value: string): void {
  language.set(givenLanguage(value))
}
export function setScheme(value: string): void {
  if (isScheme(value)) scheme.set(value)
}
export function chooseLanguage(value: Language): void {
  setLanguage(value)
  browserStorage.set('devices.language', value)
}
export function toggleScheme(): void {
  scheme.set(scheme.value === 'dark' ? 'light' : 'dark')
  browserStorage.set('devices.scheme', scheme.value)
}
