/** Languages of the user interface. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES
export const isLanguage = (value: string | undefined): value is Language => value !== undefined && Object.hasOwn(LANGUAGES, value)
