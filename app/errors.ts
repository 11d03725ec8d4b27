/** Errors of the service. Each class is one kind of cause; `code` is part of the contract with clients, operators and tests. */
export abstract class AppError extends Error {
  abstract readonly code: string
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The operator called the executable wrongly or gave it something it cannot use. Printed as one line, exit code 2. */
export class UsageError extends AppError {
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) { super(message, options); this.code = code }
}

/** A client asked for something it may not have or that makes no sense. The code travels in `error`, the message in `errorText`. */
export class RequestError extends AppError {
  readonly code: RequestErrorCode
  /** The request's field at fault, for `badRequest`. */
  readonly field: string | undefined
  /** How many devices are hit, for `conflict`. */
  readonly count: number | undefined
  constructor(code: RequestErrorCode, message: string, field?: string, count?: number) { super(message); this.code = code; this.field = field; this.count = count }
}
export type RequestErrorCode = 'notLoggedIn' | 'noAccess' | 'notFound' | 'badRequest' | 'conflict' | 'offline' | 'busy' | 'failed'

/** A frame or message from outside does not follow its protocol. */
export class ProtocolError extends AppError {
  readonly code: string
  constructor(code: string, message: string) { super(message); this.code = code }
}

/** The data on disk cannot be used (newer version, wrong key, damaged). */
export class StoreError extends AppError {
  readonly code: 'newer-version' | 'wrong-key' | 'damaged' | 'not-writable' | 'in-use' | 'write-failed'
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) { super(message, options); this.code = code }
}

/** The snapshot in the instance's PostgreSQL database cannot be read or written. */
export class SnapshotError extends AppError {
  readonly code: 'unreachable' | 'refused' | 'failed' | 'in-use' | 'newer' | 'damaged' | 'foreign'
  constructor(code: SnapshotError['code'], message: string, options?: ErrorOptions) { super(message, options); this.code = code }
}

/** Our own mistake: a state that must not exist. */
export class InvariantError extends AppError {
  readonly code = 'invariant'
}
