/**
 * How a device registers: the pure rules of the admin messages (wire-protocols 2.5 to 2.10, 2.12). Input goes in, effects come
 * out; whoever runs them keeps a new password durably before the next input.
 */
import { z } from 'zod'
import { ADMIN } from './frames.ts'
import { challengeDigest, decryptSecret } from './secrets.ts'
import type { Identity } from './identity.ts'

export interface Registration {
  /** `silent`: challenged without a password, so nothing was answered, as public clients do (wire-protocols 2.7). */
  readonly phase: 'disconnected' | 'identified' | 'silent' | 'proven'
  /** The sysclient password, once the device is inside a domain. */
  readonly password: string | undefined
}

export type RegistrationInput =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'admin', readonly type: number, readonly json: unknown }

export type RegistrationEffect =
  | { readonly do: 'identify', readonly digest?: string, readonly withCode: boolean }
  /** Must be durable before the next input. */
  | { readonly do: 'keepPassword', readonly password: string }
  | { readonly do: 'adminPassword', readonly password: string }
  | { readonly do: 'configuration', readonly config: Readonly<Record<string, unknown>> | undefined, readonly last: boolean }
  | { readonly do: 'provisionResult', readonly error: string | undefined }
  /** A challenge that cannot be answered. */
  | { readonly do: 'staySilent' }
  | { readonly do: 'warn', readonly code: Warning }

export type Warning = 'password-length' | 'seed-length' | 'secret-unreadable' | 'message-shape' | 'message-type' | 'no-password'

export interface Step { readonly state: Registration, readonly effects: readonly RegistrationEffect[] }

const passwordMessage = z.object({ password: z.string() })
const challengeMessage = z.object({ challenge: z.string() })
const adminPasswordMessage = z.object({ seed: z.string(), pwd: z.string() })
const provisionResultMessage = z.object({ error: z.string().optional() })
const configurationMessage = z.object({ config: z.record(z.string(), z.unknown()).optional(), last: z.boolean().optional() })

/** Lengths that public clients insist on (wire-protocols 2.6, 2.8). */
const PASSWORD_LENGTH = 32
const SEED_LENGTH = 16

const stay = (state: Registration, ...effects: RegistrationEffect[]): Step => ({ state, effects })
const warn = (state: Registration, code: Warning): Step => stay(state, { do: 'warn', code })

/** Secrets of a configuration item in clear; left as they came when no seed is given (wire-protocols 2.10). */
function readable(config: Record<string, unknown>, password: string | undefined): Record<string, unknown> {
  const clear = { ...config }
  for (const [secret, seedName] of [['logPassword', 'logSeed'], ['turnPassword', 'turnSeed']] as const) {
    const hex = config[secret]
    const seed = config[seedName]
    if (typeof hex !== 'string' || typeof seed !== 'string' || seed.length <= 1 || password === undefined) continue
    clear[secret] = decryptSecret(seed, password, hex)
  }
  return clear
}

/** Next state and what to do. `identity` is the one sent last: its strings go into the digest verbatim. */
export function register(state: Registration, input: RegistrationInput, identity: Identity): Step {
  if (input.kind === 'disconnected') return { state: { ...state, phase: 'disconnected' }, effects: [] }
  if (input.kind === 'connected') {
    return { state: { ...state, phase: 'identified' }, effects: [{ do: 'identify', withCode: state.password === undefined }] }
  }
  switch (input.type) {
    case ADMIN.password: {
      const read = passwordMessage.safeParse(input.json)
      if (!read.success) return warn(state, 'message-shape')
      const { password } = read.data
      if (password.length !== PASSWORD_LENGTH) return warn(state, 'password-length')
      return { state: { phase: 'proven', password }, effects: [{ do: 'keepPassword', password }] }
    }
    case ADMIN.challenge: {
      const read = challengeMessage.safeParse(input.json)
      if (!read.success) return warn(state, 'message-shape')
      if (state.password === undefined) return { state: { ...state, phase: 'silent' }, effects: [{ do: 'staySilent' }] }
      const digest = challengeDigest(identity.id, identity.product, identity.version, read.data.challenge, state.password)
      return { state: { ...state, phase: 'proven' }, effects: [{ do: 'identify', digest, withCode: false }] }
    }
    case ADMIN.adminPassword: {
      const read = adminPasswordMessage.safeParse(input.json)
      if (!read.success) return warn(state, 'message-shape')
      if (read.data.seed.length !== SEED_LENGTH) return warn(state, 'seed-length')
      if (state.password === undefined) return warn(state, 'no-password')
      const password = decryptSecret(read.data.seed, state.password, read.data.pwd)
      return password === undefined ? warn(state, 'secret-unreadable') : stay(state, { do: 'adminPassword', password })
    }
    case ADMIN.provisionResult: {
      const read = provisionResultMessage.safeParse(input.json)
      return read.success ? stay(state, { do: 'provisionResult', error: read.data.error || undefined }) : warn(state, 'message-shape')
    }
    case ADMIN.configuration: {
      const read = configurationMessage.safeParse(input.json)
      if (!read.success) return warn(state, 'message-shape')
      if (!identity.other) return warn(state, 'message-type')
      const { config, last } = read.data
      return stay(state, {
        do: 'configuration', config: config && readable(config, state.password), last: last === true || config?.['last'] === true,
      })
    }
    default:
      return warn(state, 'message-type')
  }
}
