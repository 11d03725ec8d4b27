/**
 * One websocket as a pure function (app-platform-local 3.5): one SEND and one RECV at a time, CLOSE only after the last
 * SEND_RESULT. States and inputs are few, so all steps are made once and shared: a message costs no object.
 */
export type At = 'asked' | 'accepting' | 'hasty' | 'idle' | 'sending' | 'finishing' | 'closing' | 'over'
/** `sent`: nothing waits behind it; `sentMore`: something does. `part`: a fragment that is not the last. */
export type Input = 'accept' | 'refuse' | 'accepted' | 'send' | 'sent' | 'sentMore' | 'part' | 'received' | 'end' | 'gone'
/** `open` and `ended` tell the handler; `abandoned` tells the router that decides later. */
export type Effect = 'accept' | 'refuse' | 'receive' | 'open' | 'keep' | 'deliver' | 'send' | 'drained' | 'close' | 'ended' | 'abandoned' | 'forget'
export interface Step { readonly at: At, readonly effects: readonly Effect[] }

const step = (at: At, ...effects: Effect[]): Step => ({ at, effects })
const gone = step('over', 'forget', 'ended')
/** Whoever was accepted is always told of its beginning and its end. */
const early = step('over', 'forget', 'open', 'ended')

/** RECV goes out before the message is delivered, so that the next one is on its way meanwhile. */
const TABLE: Readonly<Record<At, Partial<Record<Input, Step>>>> = {
  asked: { accept: step('accepting', 'accept'), refuse: step('over', 'refuse', 'forget'), gone: step('over', 'forget', 'abandoned') },
  accepting: { accepted: step('idle', 'receive', 'open'), end: step('hasty'), gone: early },
  /** Ended before the webserver has accepted. */
  hasty: { accepted: step('closing', 'close', 'open'), gone: early },
  idle: { send: step('sending', 'send'), part: step('idle', 'keep', 'receive'), received: step('idle', 'receive', 'deliver'), end: step('closing', 'close'), gone },
  sending: {
    sent: step('idle', 'drained'), sentMore: step('sending', 'send', 'drained'), part: step('sending', 'keep', 'receive'), received: step('sending', 'receive', 'deliver'),
    end: step('finishing'), gone,
  },
  /** What was sent before the end goes out first. */
  finishing: { sent: step('closing', 'close'), sentMore: step('finishing', 'send'), gone },
  closing: { gone },
  over: {},
}
const STAYS: Readonly<Record<At, Step>> = {
  asked: step('asked'), accepting: step('accepting'), hasty: step('hasty'), idle: step('idle'), sending: step('sending'), finishing: step('finishing'), closing: step('closing'), over: step('over'),
}

export const next = (at: At, input: Input): Step => TABLE[at][input] ?? STAYS[at]
