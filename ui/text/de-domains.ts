/** German texts of domains, rights, settings and the audit log. */
import type { en } from './en-domains.ts'

export const de: Record<keyof typeof en, string> = {
}
