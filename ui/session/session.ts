/** The sign-in of this page and what every view needs to know: who, which domains, which preferences. */
import { appName, websocketUrl } from '../connection/location.ts'
import { Connection, type ParentLogin } from '../connection/connection.ts'
import { isDomain } from '../connection/messages.ts'
import { isNumber } from '../connection/shape.ts'
import { RequestRefused } from '../connection/errors.ts'
import { Cell } from '../state/cell.ts'
import { NOBODY, user } from './rights.ts'
import { openBuild } from '../host/new-build.ts'
import { browserStorage, tabStorage } from '../host/storage.ts'
import type { Domain } from '../../app/protocol/types.ts'

export const domains = new Cell<readonly Domain[]>([])
/** True when the service says that this login may not see devices. */
export const noAccess = new Cell(false)
export const preferences = new Cell<Readonly<Record<string, string>>>({})

let current: Connection | undefined
/** The connection; there is one for the life of the page. */
export function connection(): Connection {
  if (!current) throw new Error('the session has not been started')
  return current
}

const listeners = new Map<string, Set<(message: Record<string, unknown>) => void>>()
/** Listens to an indication. @returns the function that ends it */
export function onIndication(mt: string, listener: (message: Record<string, unknown>) => void): () => void {
  const set = listeners.get(mt) ?? new Set()
  listeners.set(mt, set.add(listener))
  return () => { set.delete(listener) }
}

const TOKEN = 'devices.token'
const KEY = 'devices.key'
const DOMAIN = 'devices.domain'

/** @param url `url` argument of the client  @param parentLogin present inside myApps */
export function startSession(url: string | null, parentLogin: ((challenge: string) => Promise<ParentLogin>) | undefined): void {
  const page = location.origin + location.pathname + location.search
  current = new Connection({
    url: websocketUrl(page, url), app: appName(page), page, parentLogin, onNewBuild: openBuild,
    onKept: kept => {
      tabStorage.set(TOKEN, kept?.token)
      tabStorage.set(KEY, kept?.key)
    },
    onRefused: code => { if (code === 'noAccess') readUserSoon() },
    onIndication: message => { for (const listener of listeners.get(String(message['mt'])) ?? []) listener(message) },
  })
  current.state.subscribe(() => { if (current?.state.value.at === 'online') void load() })
  onIndication('DomainAdded', putDomain)
  onIndication('DomainEdited', putDomain)
  onIndication('DomainDeleted', ({ id }) => { if (isNumber(id)) domains.update(all => all.filter(domain => domain.id !== id)) })
  const token = tabStorage.get(TOKEN)
  if (parentLogin) current.signIn({ kind: 'parent' })
  else if (token) current.signIn({ kind: 'resume', token, key: tabStorage.get(KEY) })
}

function putDomain({ domain }: Record<string, unknown>): void {
  if (isDomain(domain)) domains.update(all => [...all.filter(other => other.id !== domain.id), domain].sort((a, b) => a.name.localeCompare(b.name)))
}

async function readUser(): Promise<void> {
  const { admin, role, domainId, who } = await connection().request('GetUserInfo', {})
  user.set({ admin, role, domainId, who })
}

let reading: ReturnType<typeof setTimeout> | undefined
/** Rights change while somebody is signed in: what was refused shows that those known here are old. */
function readUserSoon(): void {
  reading ??= setTimeout(() => {
    reading = undefined
    readUser().catch(() => undefined)
  }, 300)
}

async function load(): Promise<void> {
  const service = connection()
  try {
    noAccess.set(false)
    const [, kept] = await Promise.all([readUser(), service.request('GetPreferences', {})])
    preferences.set(kept.preferences)
    const found: Domain[] = []
    await service.requestParts('GetDomains', { recvUpdates: true }, part => { found.push(...part.domains) })
    domains.set(found.sort((a, b) => a.name.localeCompare(b.name)))
  } catch (error) {
    if (error instanceof RequestRefused && error.code === 'noAccess') noAccess.set(true)
    // A lost connection loads again when it is back.
  }
}

export function signIn(domain: string, password: string): void {
  browserStorage.set(DOMAIN, domain)
  connection().signIn({ kind: 'password', domain, password })
}
/** The domain somebody signed in with on this browser last. */
export const lastDomain = (): string => browserStorage.get(DOMAIN) ?? ''

export async function signOut(): Promise<void> {
  await connection().signOut()
  domains.set([])
  preferences.set({})
  user.set(NOBODY)
}

export const domainName = (id: number): string => domains.value.find(domain => domain.id === id)?.name ?? ''

/** Names of categories of all domains, each once, by name. */
export const categoryNames = (of: readonly Domain[]): string[] =>
  [...new Set(of.flatMap(domain => domain.categories.map(category => category.name)))].sort((a, b) => a.localeCompare(b))

const unsaved = new Map<string, string>()
let saving: ReturnType<typeof setTimeout> | undefined
/** Keeps something for this user; an empty value forgets it. Written a moment later, so that dragging is one write. */
export function setPreference(key: string, value: string): void {
  preferences.update(all => ({ ...all, [key]: value }))
  unsaved.set(key, value)
  clearTimeout(saving)
  saving = setTimeout(() => {
    const changed = Object.fromEntries(unsaved)
    unsaved.clear()
    connection().request('SetPreferences', { preferences: changed }).catch(() => {
      for (const [name, text] of Object.entries(changed)) if (!unsaved.has(name)) unsaved.set(name, text)
    })
  }, 400)
}
