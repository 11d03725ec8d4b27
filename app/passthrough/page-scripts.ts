/**
 * Scripts for pages of devices. They run inside the page, without rights the page does not have: in a document without an
 * origin the browser refuses cookies, storage and stylesheets of the page's own place, and these stand in for them.
 */

/** Stand-ins for localStorage and sessionStorage (in memory, as long as the page) and for document.cookie (kept by the service, like every cookie of a device). */
export const STORAGE_SCRIPT = (cookies: string, page: string): string => `${STORAGE}(${literal(cookies)}, ${literal(page)})\n`

const literal = (text: string): string => JSON.stringify(text).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')

const STORAGE = String.raw`(function (cookies, page) {
  'use strict'
  function blocked(read) { try { read(); return false } catch (cause) { return true } }
  function makeStorage() {
    var kept = new Map()
    var own = {
      getItem: function (key) { key = String(key); return kept.has(key) ? kept.get(key) : null },
      setItem: function (key, value) { kept.set(String(key), String(value)) },
      removeItem: function (key) { kept.delete(String(key)) },
      clear: function () { kept.clear() },
      key: function (index) { var keys = Array.from(kept.keys()); return index >= 0 && index < keys.length ? keys[Math.trunc(index)] : null }
    }
    return new Proxy(own, {
      get: function (target, key) {
        if (typeof key === 'symbol') return target[key]
        if (key === 'length') return kept.size
        if (Object.prototype.hasOwnProperty.call(own, key)) return own[key]
        return kept.has(key) ? kept.get(key) : target[key]
      },
      set: function (target, key, value) { kept.set(String(key), String(value)); return true },
      has: function (target, key) { return kept.has(key) || key in target },
      deleteProperty: function (target, key) { kept.delete(String(key)); return true },
      ownKeys: function () { return Array.from(kept.keys()) },
      getOwnPropertyDescriptor: function (target, key) {
        return kept.has(key) ? { value: kept.get(key), writable: true, enumerable: true, configurable: true } : undefined
      }
    })
  }
  ['localStorage', 'sessionStorage'].forEach(function (name) {
    if (blocked(function () { return window[name].length })) Object.defineProperty(window, name, { value: makeStorage(), configurable: true, enumerable: true })
  })
  if (!blocked(function () { return document.cookie })) return
  var address = document.currentScript.src.replace(/storage\.js(\?.*)?$/, 'cookies?' + encodeURIComponent(page))
  var fresh = false
  function talk(text) {
    try {
      var request = new XMLHttpRequest()
      request.open(text === undefined ? 'GET' : 'POST', address, false)
      request.send(text)
      if (request.status === 200) cookies = request.responseText
    } catch (cause) {
      if (text !== undefined && navigator.sendBeacon) navigator.sendBeacon(address, text)
    }
    fresh = true
    setTimeout(function () { fresh = false }, 0)
  }
  Object.defineProperty(Document.prototype, 'cookie', {
    configurable: true,
    enumerable: true,
    // Answers may have changed them since the page began to wait for something.
    get: function () { if (!fresh) talk(); return cookies },
    set: function (text) { talk(String(text)) }
  })
})`

/**
 * Shows an XML page by its XSL stylesheet. The browser itself would not load the stylesheet of a document without an origin;
 * the page's own script may. The XML stands as text in the page.
 */
export const STYLESHEET_SCRIPT = String.raw`(function () {
  'use strict'
  var XSL = 'http://www.w3.org/1999/XSL/Transform'
  function parse(text) {
    var parsed = new DOMParser().parseFromString(text.replace(/^\s+/, ''), 'text/xml')
    var error = parsed.querySelector('parsererror')
    if (error) throw new Error(error.textContent)
    return parsed
  }
  function load(address) {
    return fetch(address, { credentials: 'omit' }).then(function (answer) {
      if (!answer.ok) throw new Error('no stylesheet: ' + answer.status)
      return answer.text()
    }).then(parse)
  }
  function keyOf(node) {
    return node.nodeType === 1 && node.namespaceURI === XSL && node.getAttribute('name') && !node.getAttribute('match') ? node.localName + ' ' + node.getAttribute('name') : ''
  }
  // Stylesheets that are imported or included become part of the one that names them; its own definitions come last and win.
  function merge(sheet, address, depth) {
    var parts = Array.from(sheet.documentElement.children).filter(function (node) {
      return node.namespaceURI === XSL && (node.localName === 'import' || node.localName === 'include')
    })
    return parts.reduce(function (before, node) {
      return before.then(function () {
        if (depth > 8) throw new Error('stylesheets import each other')
        var from = new URL(node.getAttribute('href'), address).href
        return load(from).then(function (part) { return merge(part, from, depth + 1) }).then(function (part) {
          var known = {}
          Array.from(sheet.documentElement.children).forEach(function (own) { if (keyOf(own)) known[keyOf(own)] = true })
          Array.from(part.documentElement.childNodes).forEach(function (child) {
            if (!keyOf(child) || !known[keyOf(child)]) sheet.documentElement.insertBefore(sheet.importNode(child, true), node)
          })
          Array.from(part.documentElement.attributes).forEach(function (attribute) {
            if (!sheet.documentElement.hasAttribute(attribute.name)) sheet.documentElement.setAttributeNS(attribute.namespaceURI, attribute.name, attribute.value)
          })
          node.remove()
        })
      })
    }, Promise.resolve()).then(function () { return sheet })
  }
  function asHtml(result) {
    var root = result.documentElement
    if (result.contentType !== 'text/html') {
      var page = document.implementation.createHTMLDocument('')
      page.replaceChild(page.importNode(root, true), page.documentElement)
      root = page.documentElement
    }
    var type = result.doctype ? new XMLSerializer().serializeToString(result.doctype) : '<!DOCTYPE html>'
    return type + root.outerHTML
  }
  document.addEventListener('DOMContentLoaded', function () {
    var place = document.querySelector('plaintext')
    var text = place.textContent
    place.style.display = 'none'
    Promise.resolve().then(function () {
      var xml = parse(text)
      var named = Array.from(xml.childNodes).find(function (node) { return node.nodeType === 7 && node.target === 'xml-stylesheet' && /type\s*=\s*["'][^"']*(xsl|xml)/.test(node.data) })
      var href = /href\s*=\s*("([^"]*)"|'([^']*)')/.exec(named.data)
      var address = new URL((href[2] || href[3]).replace(/&amp;/g, '&'), location.href).href
      return load(address).then(function (sheet) { return merge(sheet, address, 0) }).then(function (sheet) {
        var processor = new XSLTProcessor()
        processor.importStylesheet(sheet)
        var result = processor.transformToDocument(xml)
        if (!result || !result.documentElement) throw new Error('the stylesheet gives no page')
        var html = asHtml(result)
        document.open()
        document.write(html)
        document.close()
      })
    }).catch(function (cause) {
      place.style.display = ''
      console.error('The page cannot be shown by its stylesheet:', cause && cause.message)
    })
  })
})()
`
