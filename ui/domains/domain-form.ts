/** The settings of a domain as a form: what was changed, what somebody else changed meanwhile, what is wrong. Pure. */
import type { DomainSettings } from '../../app/protocol/domain-messages.ts'

export interface Draft {
  readonly name: string
  readonly deployAdminPasswords: boolean
  readonly observer: boolean
  /** Ids of other domains, ascending. */
  readonly access: readonly number[]
  /** Addresses, separated by commas or lines. */
  readonly emails: string
  readonly invoiceReference: string
  /** A new password; empty: as it is. */
  readonly password: string
}
export type Field = keyof Draft
export const FIELDS: readonly Field[] = ['name', 'password', 'deployAdminPasswords', 'observer', 'access', 'emails', 'invoiceReference']

export const emailList = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
const ascending = (ids: readonly number[]): number[] => [...ids].sort((a, b) => a - b)

export const draftOf = (settings: DomainSettings): Draft => ({
  name: settings.name, deployAdminPasswords: settings.deployAdminPasswords, observer: settings.observer, access: ascending(settings.access),
  emails: settings.emails.join(', '), invoiceReference: settings.invoiceReference, password: '',
})

/** Equal in meaning: spaces around a name and the way a list is written do not count. */
export function same(field: Field, a: Draft, b: Draft): boolean {
  switch (field) {
    case 'access': return ascending(a.access).join() === ascending(b.access).join()
    case 'emails': return emailList(a.emails).join() === emailList(b.emails).join()
    case 'name': case 'invoiceReference': return a[field].trim() === b[field].trim()
    default: return a[field] === b[field]
  }
}
export const changedFields = (base: Draft, draft: Draft): Field[] => FIELDS.filter(field => !same(field, base, draft))

export interface Merged {
  readonly draft: Draft
  /** Changed by somebody else only: shown as they are now. */
  readonly taken: readonly Field[]
  /** Changed here and by somebody else, to different values. */
  readonly conflicts: readonly Field[]
}
/** What becomes of a form when the settings behind it change. @param base settings the form began with  @param theirs settings of now */
export function merge(base: Draft, draft: Draft, theirs: Draft): Merged {
  const others = changedFields(base, theirs)
  const taken = others.filter(field => same(field, base, draft))
  const conflicts = others.filter(field => !same(field, base, draft) && !same(field, draft, theirs))
  return { draft: pick(draft, theirs, taken), taken, conflicts }
}
/** `draft` with some fields of `from`. */
export const pick = (draft: Draft, from: Draft, fields: readonly Field[]): Draft =>
  ({ ...draft, ...Object.fromEntries(fields.map(field => [field, from[field]])) })

export type Wrong = 'missing' | 'long' | 'letters' | 'email' | 'many'
/** Letters, digits, and between them dots, hyphens and underscores, as in names of PBX domains. */
const NAME = /^[\p{L}\p{N}]([\p{L}\p{N}._-]*[\p{L}\p{N}])?$/u
const NAME_LENGTH = 128
const MOST_EMAILS = 20
/** What is wrong with the name of a domain. */
export const wrongName = (name: string): 'missing' | 'long' | 'letters' | undefined =>
  !name ? 'missing' : name.length > NAME_LENGTH ? 'long' : NAME.test(name.normalize('NFC')) ? undefined : 'letters'

/** What the service would refuse, field by field, in the order of the page. */
export function wrongFields(draft: Draft): Partial<Record<Field, { readonly why: Wrong, readonly what: string }>> {
  const wrong: Partial<Record<Field, { why: Wrong, what: string }>> = {}
  const name = draft.name.trim()
  const badName = wrongName(name)
  if (badName) wrong.name = { why: badName, what: String(NAME_LENGTH) }
  const emails = emailList(draft.emails)
  const bad = emails.find(email => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
  if (bad !== undefined) wrong.emails = { why: 'email', what: bad }
  else if (emails.length > MOST_EMAILS) wrong.emails = { why: 'many', what: String(MOST_EMAILS) }
  return wrong
}
