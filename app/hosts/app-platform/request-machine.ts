/**
 * One HTTP request as a pure function (app-platform-local 3.4). Body: one RECV at a time. Answer: one head, one SEND at a time,
 * the end only after the last SEND_RESULT.
 */
export interface State {
  readonly body: 'idle' | 'asked' | 'done'
  /** `ended`: the end was sent, the webserver has not confirmed it. */
  readonly answer: 'none' | 'idle' | 'sending' | 'ended' | 'over'
}

export type Input = 'want' | 'data' | 'last' | 'head' | 'refuse' | 'piece' | 'sent' | 'end' | 'gone'
/** `confirm`: a client that leaves while its body is asked for is confirmed to the webserver; for the service it is not an end of its own. */
export type Effect = 'receive' | 'deliver' | 'head' | 'refuse' | 'send' | 'moved' | 'end' | 'confirm' | 'abandon' | 'forget'
export interface Step { readonly state: State, readonly effects: readonly Effect[] }

export const START: State = { body: 'idle', answer: 'none' }

const NONE: readonly Effect[] = []
const stay = (state: State): Step => ({ state, effects: NONE })
const open = (state: State): boolean => state.answer !== 'ended' && state.answer !== 'over'

export function next(state: State, input: Input): Step {
  const { body, answer } = state
  switch (input) {
    case 'want': return body === 'idle' && open(state) ? { state: { body: 'asked', answer }, effects: ['receive'] } : stay(state)
    case 'data': return body === 'asked' ? { state: { body: 'idle', answer }, effects: open(state) ? ['deliver'] : NONE } : stay(state)
    case 'last': return body === 'asked' ? { state: { body: 'done', answer }, effects: open(state) ? ['deliver'] : NONE } : stay(state)
    case 'head': return answer === 'none' ? { state: { body, answer: 'idle' }, effects: ['head'] } : stay(state)
    // A refusal ends the request at once, unconfirmed.
    case 'refuse': return answer === 'none' ? { state: { body, answer: 'over' }, effects: ['refuse', 'forget'] } : stay(state)
    case 'piece': return answer === 'idle' ? { state: { body, answer: 'sending' }, effects: ['send'] } : stay(state)
    case 'sent': return answer === 'sending' ? { state: { body, answer: 'idle' }, effects: ['moved'] } : stay(state)
    case 'end': return answer === 'idle' ? { state: { body, answer: 'ended' }, effects: ['end'] } : stay(state)
    case 'gone': {
      if (answer === 'over') return stay(state)
      const over: State = { body, answer: 'over' }
      if (answer === 'ended') return { state: over, effects: ['forget'] }
      return { state: over, effects: body === 'asked' ? ['confirm', 'forget', 'abandon'] : ['forget', 'abandon'] }
    }
  }
}
