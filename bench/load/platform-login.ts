/** Signs in at the service through the webserver of an App Platform (wire-protocols chapter 5). */
import crypto from 'node:crypto'
import { PlatformSocket } from './platform-socket.ts'
import { requestPayload, type PlatformWebserver } from './platform-webserver.ts'

/** The key with which an administrator's requests into devices are let through. */
export function sessionKey(webserver: PlatformWebserver, password: string): Promise<string> {
  const who = { app: 'innovaphone-devices', domain: 'example.com', sip: 'admin', guid: '', dn: '' }
  return new Promise((resolve, reject) => {
    void new PlatformSocket(webserver, requestPayload('/'), {
      opened: socket => socket.send(JSON.stringify({ mt: 'AppChallenge' })),
      message: (socket, payload) => {
        const message = JSON.parse(payload.toString()) as { mt: string, challenge?: string, ok?: boolean, key?: string }
        if (message.mt === 'AppChallengeResult') {
          const digest = crypto.createHash('sha256').update([...Object.values(who), message.challenge ?? '', password].join(':')).digest('hex')
          socket.send(JSON.stringify({ mt: 'AppLogin', ...who, digest }))
        } else if (message.mt === 'AppLoginResult') {
          if (message.ok === true) socket.send(JSON.stringify({ mt: 'GetUserInfo', src: 'bench' }))
          else reject(new Error('login refused'))
        } else if (message.mt === 'GetUserInfoResult') resolve(message.key ?? '')
      },
      closed: () => reject(new Error('the service closed the websocket of the login')),
    })
  })
}
