/** The provisioning codes this sign-in may see, live; and what can be said of one. */
import { isString } from '../connection/shape.ts'
import { isProvisioningCode } from '../connection/provisioning-replies.ts'
import { connection, onIndication } from '../session/session.ts'
import { Cell } from '../state/cell.ts'
import { LiveList } from '../state/live-list.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'

export const codes = new LiveList<ProvisioningCode, string>(() => ({
  state: connection().state, onIndication,
  read: onPart => connection().requestParts('GetProvisioningCodes', { recvUpdates: true }, part => onPart(part.codes)),
  keyOf: code => code.code,
  put: ['ProvisioningCodeAdded', 'ProvisioningCodeEdited'], itemIn: ({ code }) => isProvisioningCode(code) ? code : undefined,
  gone: 'ProvisioningCodeDeleted', keyIn: ({ code }) => isString(code) ? code : undefined,
  compare: (a, b) => Number(isOpen(b)) - Number(isOpen(a)) || b.createdAt - a.createdAt || a.sip.localeCompare(b.sip) || (a.code < b.code ? -1 : 1),
}))

/** A device may still come with it; a refused device does not use it up. */
export const isOpen = (code: Pick<ProvisioningCode, 'state'>): boolean => code.state === 'open' || code.state === 'refused'

/** The code whose digits are shown in large, kept while one looks at other pages. */
export const shownCode = new Cell<string | undefined>(undefined)
/** Registration URL as the service gave it with the last code. */
export const registrationUrl = new Cell<string | undefined>(undefined)

export const MINUTES_15 = 15 * 60_000
export const DAYS_7 = 7 * 24 * 60 * 60_000
export const validity = (code: Pick<ProvisioningCode, 'rollout'>): number => code.rollout ? DAYS_7 : MINUTES_15

/** Difference between the clock of the service and this one, in ms: countdowns follow the service. */
let skew = 0
/** A code was just made. */
export function learnClock(validUntil: number, rollout: boolean): void { skew = validUntil - validity({ rollout }) - Date.now() }
export const serviceNow = (): number => Date.now() + skew

/** 123 456 789 012 */
export const grouped = (code: string): string => code.replace(/(\d{3})(?=\d)/g, '$1 ')

/** The update URL of this service, from the registration URL: same host, same instance. */
export const initUrl = (registration: string): string => registration.replace(/^ws/, 'http').replace(/\/sysclients$/, '/init')
