/** Reads what comes from the PBX, the manager and the page: nothing of it has a type until it was looked at. */

export type Json = Readonly<Record<string, unknown>>

/** The longest text that is shown or sent on. */
const LONGEST = 1024

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** A member of an object or a function; undefined where there is none. */
export const member = (of: unknown, name: string): unknown => isObject(of) || typeof of === 'function' ? Reflect.get(of, name) : undefined

/** A text or a number as text; empty for anything else. */
export const text = (value: unknown): string => typeof value === 'string' ? value.slice(0, LONGEST) : typeof value === 'number' ? String(value) : ''

export const textOf = (of: unknown, name: string): string => text(member(of, name))

/** The objects of a list; anything else in it is left out. */
export const objects = (value: unknown): Json[] => Array.isArray(value) ? value.filter(isObject) : []
