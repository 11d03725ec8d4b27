/**
 * Stand-ins for the libraries that the page of the PBX Manager has loaded before a plugin (wire-protocols 7.1), written from the
 * documents: nodes of ui1, events of lib1, and the AppWebsocket client of 5.2 and 5.3. They run in the browser.
 */
export const PAGE_LIBRARIES = String.raw`
var innovaphone = { lib1: {}, ui1: {}, appwebsocket: {} }

innovaphone.lib1.Event = function () {
  const functions = []
  this.attach = run => { functions.push(run) }
  this.notify = () => { for (const run of functions) run() }
}

innovaphone.ui1.nodePrototype = new function () {
  this.createNode = function (type, style, content, cl) {
    this.container = document.createElement(type)
    if (style) this.container.setAttribute('style', style)
    if (content) this.container.innerHTML = content
    if (cl) this.container.setAttribute('class', cl)
  }
  this.add = function (node) { this.container.appendChild(node.container); return node }
}()

innovaphone.appwebsocket.Connection = function (url, app, password, domain, onconnected, onmessage, onerror, onclosed, getlogin) {
  const connection = this
  const waiting = new Map()
  let socket
  let delay = 1000
  let timer
  let ended = false
  let numbers = 0
  let logins = false
  this.domain = domain
  this.onconnected = onconnected
  const digest = async text => [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const again = () => {
    if (ended) return
    timer = setTimeout(open, delay)
    delay = Math.min(32000, delay * 2)
  }
  const open = () => {
    socket = new WebSocket(url)
    const mine = socket
    logins = false
    mine.onopen = () => mine.send(JSON.stringify({ mt: 'AppChallenge' }))
    mine.onmessage = async event => {
      const message = JSON.parse(event.data)
      if (message.mt === 'AppChallengeResult') {
        if (password) {
          const fields = { app, domain: domain || '', sip: app, guid: '0'.repeat(32), dn: 'Admin' }
          login({ ...fields, digest: await digest([fields.app, fields.domain, fields.sip, fields.guid, fields.dn, message.challenge, password].join(':')) })
        } else {
          getlogin(app, message.challenge)
        }
      } else if (message.mt === 'AppLoginResult') {
        if (message.ok === true) {
          logins = true
          delay = 1000
          connection.appdomain = message.domain
          if (onconnected) onconnected(domain, '', '', message.domain)
        } else {
          if (onerror) onerror('LOGIN_FAILURE')
          mine.close()
        }
      } else if (logins) {
        const waits = waiting.get(message.src)
        if (waits) waits(message)
        else if (onmessage) onmessage(message)
      }
    }
    mine.onclose = () => {
      if (logins && onclosed) onclosed()
      else if (!logins && onerror && !ended) onerror('WEBSOCKET_ERROR')
      logins = false
      again()
    }
  }
  const login = login => {
    const { app, domain, sip, guid, dn, info, digest, pbxObj } = login
    if (socket.readyState === 1) socket.send(JSON.stringify({ mt: 'AppLogin', app, domain, sip, guid, dn, info, digest, pbxObj }))
  }
  this.login = login
  this.send = message => { if (logins) socket.send(JSON.stringify(message)) }
  this.sendSrc = (message, callback) => {
    const src = 's' + ++numbers
    waiting.set(src, answer => { waiting.delete(src); callback(answer) })
    connection.send({ ...message, src })
  }
  this.close = () => {
    ended = true
    clearTimeout(timer)
    socket.close()
  }
  open()
}
`
