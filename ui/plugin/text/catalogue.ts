/** Both catalogues, and how values get into a text (wire-protocols 6.2: `$0`…; languages without texts fall back to English). */
import { de } from './de.ts'
import { en, type TextId } from './en.ts'

export const CATALOGUE = { en, de } as const

const languageOf = (language: string): keyof typeof CATALOGUE => language.toLowerCase().startsWith('de') ? 'de' : 'en'

/** The language in which `language` is answered, for the `lang` attribute. */
export const shownLanguage = (language: string): string => languageOf(language)

export const textIn = (language: string, id: TextId, values: readonly string[]): string =>
  CATALOGUE[languageOf(language)][id].replace(/\$(\d)/g, (_, index: string) => values[Number(index)] ?? '')
