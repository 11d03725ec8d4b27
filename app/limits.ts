/**
 * Every size, count, rate and waiting time that bounds the service, in one place.
 * Times are milliseconds, sizes are bytes, unless the name says otherwise.
 * `docs/api.md` prints this table, so each entry says what happens beyond it.
 */
export interface Limit { readonly value: number, readonly unit: 'ms' | 's' | 'bytes' | 'count' | 'per second' | 'characters', readonly beyond: string }

const limit = (value: number, unit: Limit['unit'], beyond: string): Limit => ({ value, unit, beyond })

export const LIMITS = {
  // listener
  headerBytes: limit(16 * 1024, 'bytes', 'the request is answered 431 and closed'),
  connections: limit(200_000, 'count', 'the upgrade or request is answered 503'),
  connectionsPerAddress: limit(50_000, 'count', 'the upgrade is answered 429; one host may hold many devices (provisioning apps)'),
  uploadIdle: limit(60_000, 'ms', 'a request whose body stalls this long is closed'),
  downloadIdle: limit(300_000, 'ms', 'a response whose reader takes nothing for this long is broken off'),
  drainOnStop: limit(3_000, 'ms', 'after SIGTERM open requests get this long, then the process ends'),
  // websockets
  peerIdleSeconds: limit(60, 's', 'a peer that answers no ping for this long is closed; pings are sent before'),
  peerBuffered: limit(1024 * 1024, 'bytes', 'a peer that does not read is closed when this much waits for it'),
  sysclientFrame: limit(65_535, 'bytes', 'the device connection is closed 1009'),
  appFrame: limit(1024 * 1024, 'bytes', 'the app connection is closed 1009'),
  appMessageOut: limit(65_535, 'characters', 'the message is split into parts'),
  messagesPerSecond: limit(200, 'per second', 'the connection is closed 1008 after three seconds above it; tunnel frames do not count'),
  tunnelFrameOut: limit(16_384, 'bytes', 'never exceeded: larger data travels in several frames'),
  // sysclients
  identifyWithin: limit(30_000, 'ms', 'a device that has not identified by then is closed 1008'),
  challengeSilence: limit(15_000, 'ms', 'a device that has not answered the challenge by then is shown as unassigned'),
  violations: limit(10, 'count', 'a device connection with more bad frames than this is closed 1008'),
  unassignedDevices: limit(20_000, 'count', 'further unknown devices are refused until some are assigned or leave'),
  unassignedPerAddress: limit(5_000, 'count', 'further unknown devices of that address are refused'),
  identifyPerMinute: limit(60, 'count', 'more identifies than this in a minute on one connection close it 1008'),
  // app websocket
  loginWithin: limit(60_000, 'ms', 'a peer that has not logged in by then is closed 1008'),
  failedLoginsFree: limit(5, 'count', 'each further failure doubles the wait before the next answer'),
  failedLoginWait: limit(30_000, 'ms', 'the longest wait before a login is answered'),
  requestsWaiting: limit(256, 'count', 'a client that queues more requests than this on one connection is closed 1008'),
  resumeTokens: limit(10_000, 'count', 'the oldest sign-in that could be resumed is forgotten'),
  resumeWithin: limit(12 * 3600_000, 'ms', 'a sign-in older than this cannot be resumed'),
  // tunnels
  tunnelsPerDevice: limit(64, 'count', 'further requests to that device are answered 503 with Retry-After'),
  tunnels: limit(10_000, 'count', 'further requests are answered 503 with Retry-After'),
  tunnelReceive: limit(8_192, 'bytes', 'the number of bytes asked for by one RECV, until the device has filled one'),
  tunnelReceiveMost: limit(16_000, 'bytes', 'never more is asked for by one RECV; with its header the answer stays below 16384 bytes'),
  tunnelSend: limit(8_192, 'bytes', 'the payload of one SEND'),
  tunnelBuffer: limit(64 * 1024, 'bytes', 'no more data is asked for on that tunnel until the reader has caught up'),
  tunnelSilence: limit(30_000, 'ms', 'a SEND without SEND_RESULT, or a response without a byte, answers 504'),
  tunnelShutdown: limit(30_000, 'ms', 'a session id is used again after this even if the device never confirmed SHUTDOWN'),
  tunnelHead: limit(64 * 1024, 'bytes', 'a device answer with a longer head is answered 502'),
  cookiesPerDevice: limit(50, 'count', 'the oldest cookie of the device is dropped'),
  cookieSize: limit(4_096, 'bytes', 'a longer cookie of a device is ignored'),
  cookieJars: limit(1_000, 'count', 'the cookies of the device used longest ago in this session are forgotten'),
  tunnelStall: limit(300_000, 'ms', 'a response that stalls this long in its middle is broken off'),
  tunnelRepeatReceive: limit(5_000, 'ms', 'a RECV that is silent this long after the request was taken is sent once more'),
  tunnelsClosing: limit(1_024, 'count', 'the oldest session id of a device that waits for its SHUTDOWN is forgotten'),
  tunnelMessage: limit(1024 * 1024, 'bytes', 'a tunnelled websocket with a longer message is closed 1009'),
  deviceAnswer: limit(8 * 1024 * 1024, 'bytes', 'a longer answer to a request of the service itself is refused'),
  deviceAnswerWithin: limit(60_000, 'ms', 'a request of the service itself is given up'),
  tunnelledHead: limit(16 * 1024, 'bytes', 'a request whose head for the device would be longer is answered 431'),
  // data
  name: limit(128, 'characters', 'refused with badRequest'),
  hwId: limit(64, 'characters', 'refused; a device is closed 1008'),
  identifyText: limit(256, 'characters', 'the device is closed 1008'),
  ethIfs: limit(8, 'count', 'further interfaces are ignored'),
  secret: limit(128, 'characters', 'a longer password or token is refused with badRequest'),
  domains: limit(10_000, 'count', 'further domains are refused'),
  domainEmails: limit(20, 'count', 'refused with badRequest'),
  categoriesPerDomain: limit(1_000, 'count', 'further categories are refused'),
  appRoles: limit(1_000, 'count', 'a further role of an App object is refused'),
  codesPerRequest: limit(1_000, 'count', 'refused with badRequest'),
  codesPerDomain: limit(10_000, 'count', 'further provisioning codes are refused while so many are open'),
  devicesPerRequest: limit(1_000, 'count', 'refused with badRequest'),
  tasks: limit(100, 'count', 'a further task is answered busy while so many run'),
  taskRowsPerTurn: limit(2_000, 'count', 'a task notes, looks at or deletes more devices in the next turn of the event loop'),
  taskRowsPerSlice: limit(200, 'count', 'a bulk edit or delete goes on in the next transaction'),
  taskKept: limit(7 * 24 * 3600_000, 'ms', 'a task that ended longer ago is forgotten'),
  registrationUrlsAtOnce: limit(50, 'count', 'further devices get a new registration URL when one of these is done'),
  registrationUrlPatience: limit(30 * 24 * 3600_000, 'ms', 'a device that does not come for so long keeps its registration URL'),
  passwordsAtOnce: limit(256, 'count', 'further devices get a changed administrative password when one of these has confirmed it'),
  passwordConfirmed: limit(15_000, 'ms', 'a device that has not confirmed the administrative password by then is tried again'),
  passwordPatience: limit(10 * 60_000, 'ms', 'a task on administrative passwords waits so long for a device that was connected; it gets the password when it comes anyway'),
  search: limit(200, 'characters', 'refused with badRequest'),
  pageRows: limit(500, 'count', 'fewer rows than asked for are sent'),
  // device simulator
  simulatedDevices: limit(100_000, 'count', '`devices simulate` refuses a higher count'),
  simulatedSessions: limit(256, 'count', 'further tunnel sessions of one simulated device are answered SHUTDOWN'),
  simulatedReceives: limit(64, 'count', 'a tunnel session with more unanswered RECVs is shut down by the simulated device'),
  simulatedHeld: limit(1_000, 'count', 'a simulated device that is sent more messages while it stores its password drops the connection'),
  simulatedHead: limit(64 * 1024, 'bytes', 'the simulated web server answers 431'),
  simulatedForm: limit(4 * 1024 * 1024, 'bytes', 'the simulated web server answers 413'),
  simulatedBody: limit(64 * 1024 ** 3, 'bytes', 'a larger test body is answered 400'),
  simulatedRecords: limit(200, 'count', 'the oldest recorded request or report of a simulated device is forgotten'),
  simulatedLogLines: limit(500, 'count', 'the oldest line of the simulated log is forgotten'),
  simulatedScript: limit(4 * 1024 * 1024, 'bytes', 'a longer script is not executed by the simulated device'),
  simulatedOptions: limit(2_000, 'count', 'further options or variables are refused by the simulated device'),
  simulatedDownload: limit(512 * 1024 * 1024, 'bytes', 'the simulated update fails'),
  simulatedTransfer: limit(60_000, 'ms', 'a simulated download or upload that stalls this long fails'),
  // store
  commitWithin: limit(5, 'ms', 'writes that somebody waits for go into one transaction with all of this long'),
  statesWithin: limit(100, 'ms', 'states of devices (they are in memory anyway) go into one transaction with all of this long'),
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS
