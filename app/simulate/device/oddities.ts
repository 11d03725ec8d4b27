/** Ways a simulated device misbehaves on purpose, each named after what the service sees (wire-protocols 2.11, 2.14, 9). */
export const ODDITIES = {
  'trailing-zero': 'JSON ends with a zero byte',
  'escaped-slashes': 'JSON spells / as \\/',
  'bad-close-frame': 'closes the websocket with the vendor\'s invalid close frame',
  'mute-recv': 'never answers RECV',
  'late-recv': 'answers RECV seconds late',
  'no-send-result': 'never answers SEND',
  'double-send-result': 'answers SEND twice',
  'long-recv-result': 'sends more bytes than RECV asked for',
  'unasked-recv-result': 'sends RECV_RESULT before any RECV',
  'garbage-http': 'answers requests with bytes that are no HTTP',
  'garbage-frames': 'sends frames of random bytes beside the real ones',
  'cut-response': 'drops the connection in the middle of a response',
  'mute-shutdown': 'never confirms SHUTDOWN',
  'wrong-digest': 'answers the challenge with a wrong digest',
  'mute-challenge': 'never answers the challenge',
  'reidentify': 'identifies again right after it got a password',
} as const
export type Oddity = keyof typeof ODDITIES
export const ODDITY_NAMES = Object.keys(ODDITIES).filter((name): name is Oddity => isOddity(name))
export function isOddity(text: string): text is Oddity { return Object.hasOwn(ODDITIES, text) }

/** Faults that `--faulty` deals out; the harmless spellings and those that keep a device unassigned for good are not among them. */
export const DEALT_FAULTS: readonly Oddity[] =
  ['mute-recv', 'late-recv', 'no-send-result', 'garbage-http', 'garbage-frames', 'cut-response', 'mute-shutdown', 'bad-close-frame']

/** What a device does when its local web server has closed and nothing is left for a RECV (wire-protocols 2.11 rule 6, chapter 9 item 4). */
export type EndOfStream = 'shutdown' | 'empty-result' | 'silence'
