/** Texts in the language of the moment. Components that show text are drawn again with their root when the language changes. */
import { language } from '../host/settings.ts'
import { de } from './de.ts'
import { en, type TextId } from './en.ts'
import type { Language } from './language.ts'

export type { TextId } from './en.ts'

const CATALOGUE: Record<Language, Record<TextId, string>> = { en, de }

const fill = (text: string, values: readonly (string | number)[]): string =>
  text.replace(/\$(\d)/g, (_, index: string) => {
    const value = values[Number(index)]
    return typeof value === 'number' ? formatNumber(value) : value ?? ''
  })

/** Formatters are costly to make: one for each language. */
function perLanguage<T>(make: (language: Language) => T): () => T {
  const made: Partial<Record<Language, T>> = {}
  return () => made[language.value] ??= make(language.value)
}

const pluralRules = perLanguage(of => new Intl.PluralRules(of))
const pluralForm = (count: number): 'one' | 'other' => pluralRules().select(count) === 'one' ? 'one' : 'other'

/** `$0`, `$1`… are replaced by the values, numbers as the language writes them. */
export const t = (id: TextId, ...values: readonly (string | number)[]): string => fill(CATALOGUE[language.value][id], values)

/** Ids of a catalogue that have a form for one and a form for many. */
export type PluralIdOf<Id extends string> = { [K in Id]: K extends `${infer Base}.one` ? `${Base}.other` extends Id ? Base : never : never }[Id]
export type PluralId = PluralIdOf<TextId>

/** The form for `count`; `$0` is the count. */
export const plural = (id: PluralId, count: number, ...values: readonly (string | number)[]): string =>
  t(`${id}.${pluralForm(count)}`, count, ...values)

export interface Texts<Id extends string> {
  t(id: Id, ...values: readonly (string | number)[]): string
  plural(id: PluralIdOf<Id>, count: number, ...values: readonly (string | number)[]): string
}
/** The catalogue of one topic, for pages that are loaded when they are first needed. German has exactly the English ids. */
export function texts<const Id extends string>(english: Readonly<Record<Id, string>>, german: Readonly<Record<NoInfer<Id>, string>>): Texts<Id> {
  const topic: Record<Language, Readonly<Record<string, string>>> = { en: english, de: german }
  const find = (id: string, values: readonly (string | number)[]): string => fill(topic[language.value][id] ?? id, values)
  return { t: (id, ...values) => find(id, values), plural: (id, count, ...values) => find(`${id}.${pluralForm(count)}`, [count, ...values]) }
}

const numbers = perLanguage(of => new Intl.NumberFormat(of))
export const formatNumber = (value: number): string => numbers().format(value)

const dateTimes = perLanguage(of => new Intl.DateTimeFormat(of, { dateStyle: 'medium', timeStyle: 'short' }))
const times = perLanguage(of => new Intl.DateTimeFormat(of, { timeStyle: 'short' }))
/** @param ms since 1970 UTC; shown in the browser's time zone */
export const formatDateTime = (ms: number): string => dateTimes().format(ms)
/** The time today, the day before. @param ms since 1970 UTC */
export const formatDay = (ms: number): string => new Date(ms).toDateString() === new Date().toDateString() ? formatTime(ms) : new Intl.DateTimeFormat(language.value, { dateStyle: 'short' }).format(ms)
export const formatTime = (ms: number): string => times().format(ms)

const age = (unit: 'minute' | 'hour' | 'day') => perLanguage(of => new Intl.NumberFormat(of, { style: 'unit', unit, unitDisplay: 'narrow' }))
const ages = { minute: age('minute'), hour: age('hour'), day: age('day') }
/** How long ago in one short unit: `3 d`, `2 h`, `5 min`. @param ms duration */
export function formatAge(ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000))
  if (minutes < 60) return ages.minute().format(minutes)
  return minutes < 48 * 60 ? ages.hour().format(Math.floor(minutes / 60)) : ages.day().format(Math.floor(minutes / 1440))
}
