/** Texts of domains, rights, settings and the audit log. */
import { NotConnected, RequestRefused } from '../connection/errors.ts'
import { reasonText } from '../parts/notices.tsx'
import { NoSessionKey } from '../session/secrets.ts'
import { de } from '../text/de-domains.ts'
import { en } from '../text/en-domains.ts'
import { texts } from '../text/text.ts'

export const { t: w, plural: ws } = texts(en, de)
export type WordId = keyof typeof en

/** Why something about a domain was not done, and what to do. */
export function whyRefused(error: unknown): string {
  if (error instanceof NoSessionKey) return w('refused.noKey')
  if (error instanceof RequestRefused && error.code === 'notFound') return w('refused.gone')
  if (error instanceof RequestRefused && error.code === 'conflict' && error.field === 'name') return w('refused.nameTaken')
  return reasonText(error)
}
export const isLost = (error: unknown): boolean => error instanceof NotConnected
