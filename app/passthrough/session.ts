/**
 * One tunnel session as a pure machine (wire-protocols 2.11, 2.14). A state and a step are plain numbers, because this runs
 * for every frame of every tunnel: the low bits of a step are the next state, the high bits say what the caller has to do.
 *
 * Rules kept here: a SEND only after the SEND_RESULT of the one before; one RECV at a time, also while a SEND waits (full
 * duplex); SHUTDOWN once from each side; an answer nobody asked for ends this session and no other.
 */

/** What a session is doing. Bits, freely combined until it closes. */
export const Bit = {
  /** A SEND waits for its SEND_RESULT. */
  sending: 1,
  /** A RECV waits for its RECV_RESULT. */
  asking: 2,
  /** The device said that no more data comes. */
  ended: 4,
  /** Our SHUTDOWN waits for the one of the device. */
  closing: 8,
  /** Both sides are done; the id may be used again. */
  over: 16,
  /** A silent RECV was repeated: one RECV_RESULT more than asked for may come. */
  spare: 32,
} as const

export const Input = {
  // ours
  send: 0, recv: 1, repeatRecv: 2, close: 3, expire: 4,
  // the device's
  sendResult: 5, data: 6, noData: 7, shutdown: 8, alien: 9,
} as const
export type Input = typeof Input[keyof typeof Input]

export const Effect = {
  writeSend: 1 << 8,
  writeRecv: 1 << 9,
  writeShutdown: 1 << 10,
  /** The SEND was taken: the next may follow. */
  tellSent: 1 << 11,
  tellData: 1 << 12,
  /** The stream of the device has ended. */
  tellEnd: 1 << 13,
  /** The device broke the protocol in this session. */
  tellBroken: 1 << 14,
  /** Our own code asked for what the state forbids; nothing may be written. */
  refused: 1 << 15,
} as const

/** The state of a session before its first SEND. */
export const OPEN = 0

/** The state part of a step. */
export const stateOf = (step: number): number => step & 0xff

/** True when a SEND may be written now. */
export const maySend = (state: number): boolean => (state & (Bit.sending | Bit.closing | Bit.over)) === 0

/** True when a RECV may be written now. */
export const mayAsk = (state: number): boolean => (state & (Bit.asking | Bit.ended | Bit.closing | Bit.over)) === 0

/** True while the session is neither closing nor over. */
export const isLive = (state: number): boolean => (state & (Bit.closing | Bit.over)) === 0

/** The next state of a session, together with the effects of the step. */
export function next(state: number, input: Input): number {
  if (!isLive(state)) return afterShutdown(state, input)
  switch (input) {
    case Input.send: return maySend(state) ? state | Bit.sending | Effect.writeSend : state | Effect.refused
    case Input.recv: return mayAsk(state) ? state | Bit.asking | Effect.writeRecv : state | Effect.refused
    case Input.repeatRecv:
      return (state & (Bit.asking | Bit.sending | Bit.spare)) === Bit.asking ? state | Bit.spare | Effect.writeRecv : state | Effect.refused
    case Input.sendResult: return (state & Bit.sending) !== 0 ? (state & ~Bit.sending) | Effect.tellSent : broken(state)
    case Input.data:
      if ((state & Bit.ended) !== 0) return broken(state)
      if ((state & Bit.asking) !== 0) return (state & ~Bit.asking) | Effect.tellData
      return (state & Bit.spare) !== 0 ? (state & ~Bit.spare) | Effect.tellData : broken(state)
    case Input.noData:
      if ((state & (Bit.asking | Bit.spare)) === 0) return broken(state)
      // Both RECVs of a repeated one may be answered with the end.
      return (state & Bit.ended) !== 0 ? state & ~Bit.spare : (state & ~Bit.asking) | Bit.ended | Effect.tellEnd
    case Input.shutdown:
      return Bit.over | Effect.writeShutdown | ((state & Bit.ended) !== 0 ? 0 : Effect.tellEnd)
    case Input.close: return (state & (Bit.sending | Bit.asking)) | Bit.closing | Effect.writeShutdown
    case Input.alien: return broken(state)
    case Input.expire: return state
  }
}

const broken = (state: number): number => (state & (Bit.sending | Bit.asking)) | Bit.closing | Effect.writeShutdown | Effect.tellBroken

/** After our SHUTDOWN: answers that crossed it are dropped, the SHUTDOWN of the device (or time) frees the id. */
function afterShutdown(state: number, input: Input): number {
  if (input === Input.send || input === Input.recv || input === Input.repeatRecv) return state | Effect.refused
  if ((state & Bit.closing) !== 0 && (input === Input.shutdown || input === Input.expire)) return Bit.over
  return state
}
