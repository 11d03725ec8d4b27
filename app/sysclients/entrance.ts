/** Where a device that brings a code or a token meets who decides about it (features 5); the channel goes on with the outcome. */
import { hwKey, type AuthRow } from '../devices/device-store.ts'
import type { Identify } from '../protocol/sysclient-messages.ts'
import { encodeAdmin, AdminType } from '../protocol/sysclient-frames.ts'
import type { Admission, Applicant } from './admission.ts'
import type { Link } from './link.ts'
import type { Input } from './machine.ts'

interface Deps {
  readonly admission: Admission
  readonly auth: (hwId: string) => AuthRow | undefined
  readonly input: (link: Link, input: Input) => void
  readonly refuse: (link: Link, reason: string) => void
  /** Another connection that waits under this hardware id gives up its place. */
  readonly displaceWaiting: (hwId: string, link: Link) => void
}

export class Entrance {
  readonly #deps: Deps
  constructor(deps: Deps) { this.#deps = deps }

  /** Lets a device in; false: it goes on as if it had brought nothing. */
  admit(link: Link, identify: Identify, row: AuthRow | undefined, failed?: Applicant['failed'], waited = false): boolean {
    if (link.state.at === 'storing' || link.state.at === 'closed') return false
    const hwId = hwKey(identify.id)
    // Another id on a connection that has one already is the machine's business.
    if (link.hwId !== '' && link.hwId !== hwId) return false
    const verdict = this.#deps.admission.judge({ connection: link, address: link.address, identify, row, query: link.query, failed, waited })
    switch (verdict.is) {
      case 'none': return false
      case 'wait':
        setTimeout(() => this.#again(link, identify, failed), verdict.ms).unref()
        return false
      case 'close':
        this.#deps.refuse(link, verdict.reason)
        return true
      case 'admitted': {
        const { deviceId, password } = verdict
        link.row = undefined
        this.#deps.displaceWaiting(hwId, link)
        this.#deps.input(link, { kind: 'admitted', deviceId, hwId })
        verdict.whenStored(error => {
          if (error) this.#deps.input(link, { kind: 'notStored' })
          else if (link.state.at === 'storing') this.#deps.input(link, { kind: 'assigned', deviceId, hwId, password })
        })
        return true
      }
    }
  }

  /** Its turn has come, if it still waits for one. */
  #again(link: Link, identify: Identify, failed: Applicant['failed']): void {
    const { at } = link.state
    if (at === 'unassigned' || at === 'lost' || at === 'challenged') this.admit(link, identify, this.#deps.auth(hwKey(identify.id)), failed, true)
  }

  /** Provisions an interface and answers (wire-protocols 2.9); false: too many wait. */
  provision(link: Link, { id, code }: { id: string, code: string }): boolean {
    const { deviceId } = link
    return this.#deps.admission.provision(
      { connection: link, address: link.address, deviceId, name: id, code, alive: () => link.state.at === 'online' && link.deviceId === deviceId },
      error => link.sendFrame(encodeAdmin(AdminType.ProvisionResult, error === undefined ? {} : { error })))
  }
}
