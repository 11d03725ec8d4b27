/**
 * The part of links that only the page itself can lead back under the prefix of its device: addresses that scripts make. Runs
 * in the page before any of its own scripts, without rights the page does not have. Nothing relies on it for safety.
 */
export const LINKS_SCRIPT = String.raw`;(function () {
  'use strict'
  var origin = document.currentScript.src.replace(/\/\.passthrough\/storage\.js(\?.*)?$/, '')
  var root = new URL(origin).pathname
  var host = new URL(origin).host
  function inside(value) {
    var text = String(value)
    if (!/^\s*(\/|https?:|wss?:)/i.test(text)) return value
    try {
      var url = new URL(text, document.baseURI)
      if (url.host !== host || url.pathname === root || url.pathname.indexOf(root + '/') === 0) return value
      url.pathname = root + url.pathname
      return url.href
    } catch (cause) { return value }
  }
  function inList(value) {
    return String(value).replace(/(^|,)(\s*)([^\s,]+)/g, function (all, comma, space, one) { return comma + space + inside(one) })
  }
  function inMarkup(value) {
    if (typeof value !== 'string' || value.indexOf('<') < 0) return value
    return value.replace(/<[a-z][^>]*/gi, function (tag) {
      return tag.replace(/(\s(?:href|src|action|formaction|poster|background|data)\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)/gi, function (all, name, quoted) {
        var quote = quoted[0] === '"' || quoted[0] === "'" ? quoted[0] : ''
        var address = quote ? quoted.slice(1, -1) : quoted
        return /^\s*\/(?!\/)/.test(address) ? name + quote + inside(address) + quote : all
      })
    })
  }
  // Replaces argument number n of a function.
  function wrap(owner, name, n, change) {
    var original = owner && owner[name]
    if (typeof original !== 'function') return
    owner[name] = function () {
      if (arguments.length > n && arguments[n] != null) arguments[n] = change(arguments[n])
      return original.apply(this, arguments)
    }
  }
  function wrapAll(owner, name, change) {
    var original = owner[name]
    owner[name] = function () { return original.apply(this, Array.from(arguments, change)) }
  }
  function wrapSetter(type, name, change) {
    var proto = window[type] && window[type].prototype
    var property = proto && Object.getOwnPropertyDescriptor(proto, name)
    if (!property || !property.set) return
    Object.defineProperty(proto, name, {
      configurable: true, enumerable: property.enumerable, get: property.get,
      set: function (value) { property.set.call(this, value == null ? value : change(value)) }
    })
  }
  function notRequest(value) { return typeof value === 'object' && !(value instanceof URL) ? value : inside(value) }
  wrap(window, 'fetch', 0, notRequest)
  wrap(window, 'open', 0, inside)
  wrap(Document.prototype, 'open', 0, inside)
  wrap(XMLHttpRequest.prototype, 'open', 1, inside)
  wrap(Navigator.prototype, 'sendBeacon', 0, inside)
  wrap(History.prototype, 'pushState', 2, inside)
  wrap(History.prototype, 'replaceState', 2, inside)
  ;['Request', 'WebSocket', 'EventSource'].forEach(function (name) {
    if (typeof window[name] !== 'function') return
    window[name] = new Proxy(window[name], {
      construct: function (type, given, made) {
        if (given.length > 0) given = [notRequest(given[0])].concat(given.slice(1))
        return Reflect.construct(type, given, made)
      }
    })
  })
  ;[
    'HTMLAnchorElement.href', 'HTMLAreaElement.href', 'HTMLLinkElement.href', 'HTMLBaseElement.href', 'HTMLImageElement.src', 'HTMLScriptElement.src',
    'HTMLIFrameElement.src', 'HTMLFrameElement.src', 'HTMLEmbedElement.src', 'HTMLObjectElement.data', 'HTMLMediaElement.src', 'HTMLSourceElement.src', 'HTMLTrackElement.src',
    'HTMLVideoElement.poster', 'HTMLInputElement.src', 'HTMLInputElement.formAction', 'HTMLButtonElement.formAction', 'HTMLFormElement.action'
  ].forEach(function (name) { wrapSetter(name.split('.')[0], name.split('.')[1], inside) })
  wrapSetter('HTMLImageElement', 'srcset', inList)
  wrapSetter('HTMLSourceElement', 'srcset', inList)
  ;['Element.innerHTML', 'Element.outerHTML', 'ShadowRoot.innerHTML', 'HTMLIFrameElement.srcdoc'].forEach(function (name) { wrapSetter(name.split('.')[0], name.split('.')[1], inMarkup) })
  wrap(Element.prototype, 'insertAdjacentHTML', 1, inMarkup)
  wrap(Range.prototype, 'createContextualFragment', 0, inMarkup)
  wrapAll(Document.prototype, 'write', inMarkup)
  wrapAll(Document.prototype, 'writeln', inMarkup)
  var setAttribute = Element.prototype.setAttribute
  Element.prototype.setAttribute = function (name, value) {
    var key = String(name).toLowerCase()
    var change = /^(href|src|action|formaction|poster|background|data)$/.test(key) ? inside : key === 'srcset' ? inList : undefined
    return setAttribute.call(this, name, change && value != null ? change(value) : value)
  }
})()
`
