/** What can go wrong, each with a text of its own that says what to do. */

export type FaultCode =
  /** The page lacks something that a plugin needs; `detail` says what. */
  | 'lacking'
  | 'pbxSilent' | 'pbxRefused' | 'managerSilent' | 'managerRefused' | 'domainRefused' | 'serviceSilent' | 'loginRefused' | 'unexpected'

export class Fault extends Error {
  readonly code: FaultCode
  /** In the words of the other side; may hold anything. */
  readonly detail: string

  constructor(code: FaultCode, detail = '') {
    super(`${code} ${detail}`)
    this.code = code
    this.detail = detail
  }
}

export const faultOf = (cause: unknown): Fault => cause instanceof Fault ? cause : new Fault('unexpected', cause instanceof Error ? cause.message : String(cause))
