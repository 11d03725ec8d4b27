/** Languages of the user interface. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES
export const isLanguage = (value: string | undefined): value is Language => value !== undefined && Object.hasOwn(LANGUAGES, value)
/** A language named by the client: it knows more than this app, and those read English, as in all apps of the platform (wire-protocols 6.2). */
export const givenLanguage = (value: string): Language => {
  const short = value.slice(0, 2)
  return isLanguage(short) ? short : 'en'
}
