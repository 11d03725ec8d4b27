/** Automatic provisioning: the parameters of a registration URL against the settings of a domain (features 5.4). */
import crypto from 'node:crypto'
import { categoryByName } from '../categories/category-rules.ts'
import type { DomainEntry } from '../domains/domains.ts'
import type { AutomaticParameters, Refusal } from './code-rules.ts'

const digest = (text: string): Buffer => crypto.hash('sha256', text, 'buffer')
/** In constant time, whatever the lengths. */
export const sameToken = (a: string, b: string): boolean => crypto.timingSafeEqual(digest(a), digest(b))

export type Judged = { readonly ok: true, readonly domain: DomainEntry, readonly categoryId: number } | { readonly ok: false, readonly why: Refusal }

/** All three are mandatory, the token of the domain must be set, and the category must be a provisioning category of that domain. */
export function judgeParameters(given: AutomaticParameters, domain: DomainEntry | undefined): Judged {
  if (!given.domain || !given.token || !given.category) return { ok: false, why: 'missingParameter' }
  const right = sameToken(given.token, domain?.provisioningToken ?? '')
  if (!domain) return { ok: false, why: 'unknownDomain' }
  if (!domain.provisioningToken) return { ok: false, why: 'off' }
  if (!right) return { ok: false, why: 'wrongToken' }
  const category = categoryByName(domain.categories, given.category, true)
  return category ? { ok: true, domain, categoryId: category.id } : { ok: false, why: 'unknownCategory' }
}

/** Refusals that tell of guessing. */
export const isGuess = (why: Refusal): boolean => why === 'unknownDomain' || why === 'off' || why === 'wrongToken'
/** What counts as one guess. */
export const guessOf = (given: AutomaticParameters): string => `${given.domain.toLowerCase()}\n${given.token}`
