/**
 * The PBX Manager plugin: `plugin.innovaphone.devicesmanager`, constructor `(start, item, app)` with the prototype of ui1's nodes
 * (wire-protocols 7.1). A plain script: the PBX Manager loads it into its own page.
 */
import { AppObjects } from './app-objects.ts'
import { speak } from './elements.ts'
import { readItem, type Item } from './item.ts'
import { ManagerApi } from './manager-api.ts'
import { namespace } from './namespace.ts'
import { Page } from './page.ts'
import { Pbx } from './pbx.ts'
import { PlatformInstance } from './platform-instance.ts'
import { createNode, listen, nodePrototype } from './preloaded.ts'
import { ServiceLink } from './service-link.ts'
import { shownLanguage } from './text/catalogue.ts'
import { textOf } from './unknown.ts'

const CLASS = 'innovaphone-devicesmanager'
/** Nothing is shown unstyled for this long, ms; then better so than not at all. */
const STYLED_WITHIN = 3000

/** The style of the plugin, once per page. Resolves when it is there, or cannot be had: then the plugin works without. */
function style(item: Item): Promise<void> {
  const href = `${item.uri}.css`
  const known = [...document.querySelectorAll('link')].some(link => link.href === href)
  if (known || item.uri === '') return Promise.resolve()
  return new Promise(resolve => {
    const link = document.createElement('link')
    link.rel = 'stylesheet'
    link.href = href
    link.onload = link.onerror = () => resolve()
    setTimeout(resolve, STYLED_WITHIN)
    document.head.append(link)
  })
}

/** dark is the scheme of an app that is told none (wire-protocols 6.3). */
const schemeOf = (start: unknown): string => textOf(start, 'scheme') === 'light' ? 'light' : 'dark'

function DevicesManager(this: object, start: unknown, given: unknown, app: unknown): void {
  const container = createNode(this)
  container.classList.add(CLASS)
  const item = readItem(given)
  const pbx = new Pbx(app)
  const platform = new PlatformInstance(new ManagerApi(item.ap), item.paths)
  const page = new Page(container, item, pbx, new AppObjects(pbx, platform, new ServiceLink(item, pbx.domain, platform), item))
  const scheme = (): void => { container.dataset['scheme'] = schemeOf(start) }
  const language = (): void => {
    const to = textOf(start, 'lang')
    container.lang = shownLanguage(to)
    speak(container, to)
  }
  scheme()
  language()
  listen(start, 'onschemechanged', scheme)
  listen(start, 'onlangchanged', language)
  container.style.visibility = 'hidden'
  void style(item).then(() => { container.style.visibility = '' })
  void page.load()
}

DevicesManager.prototype = nodePrototype()
Reflect.set(namespace('plugin', 'innovaphone'), 'devicesmanager', DevicesManager)
