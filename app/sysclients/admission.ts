/** Who decides that a device without proof may enter a domain, as the channel sees it (features 5). */
import type { AuthRow } from '../devices/device-store.ts'
import type { StoreError } from '../errors.ts'
import type { DeviceType } from '../protocol/types.ts'
import type { Identify } from '../protocol/sysclient-messages.ts'

/** A device that has not proven a password and brings a provisioning code, or came by a URL with parameters. */
export interface Applicant {
  /** Stands for the connection: wrong codes are counted on it. */
  readonly connection: object
  readonly address: string
  readonly identify: Identify
  /** What is known of its hardware id. */
  readonly row: AuthRow | undefined
  /** Query of its registration URL. May hold a token: never logged. */
  readonly query: string
  /** A known device was asked for its password: it did not answer (reset), or wrongly. */
  readonly failed: 'silent' | 'wrong-digest' | undefined
  /** It has waited as long as the last verdict said. */
  readonly waited: boolean
}

export type Verdict =
  /** It goes on as if it had brought nothing (wire-protocols 2.12). */
  | { readonly is: 'none' }
  /** The same, and it is judged again in so many ms if it has no password by then. */
  | { readonly is: 'wait', readonly ms: number }
  | { readonly is: 'close', readonly reason: string }
  /** It is in a domain. `whenStored` calls back once, when `password` is on disk and may be sent, or with the error. */
  | { readonly is: 'admitted', readonly deviceId: number, readonly password: string, readonly whenStored: (callback: (error: StoreError | undefined) => void) => void }

/** An FXS interface of a connected gateway, and the code typed at it (wire-protocols 2.9). */
export interface InterfaceRequest {
  readonly connection: object
  readonly address: string
  readonly deviceId: number
  readonly name: string
  readonly code: string
  /** The device is still connected. */
  readonly alive: () => boolean
}

export interface Admission {
  /** An expected device comes for the first time: what depends on its type is decided by what it reports. Part of the open write. */
  arrived(device: { readonly deviceId: number, readonly type: DeviceType, readonly address: string }): void
  judge(applicant: Applicant): Verdict
  /** Answers in the order of the requests of a connection; undefined: done. False: too many wait. */
  provision(request: InterfaceRequest, answer: (error: string | undefined) => void): boolean
}
