/** Start of the page: settings, parent window, navigation, connection, first drawing. */
import { render } from 'preact'
import { appName } from './connection/location.ts'
import { isString } from './connection/shape.ts'
import { ParentWindow } from './host/parent.ts'
import { ProvidedApi } from './host/provided-api.ts'
import { language, scheme, setLanguage, setScheme, startSettings } from './host/settings.ts'
import { startArguments } from './host/start-arguments.ts'
import { Notices } from './parts/notices.tsx'
import { Sprite } from './parts/icons.tsx'
import { go, route, startNavigation } from './route/navigation.ts'
import { readRoute, writeRoute } from './route/route.ts'
import { connection, startSession } from './session/session.ts'
import { menuOpen } from './shell/menu-state.ts'
import { Shell } from './shell/shell.tsx'
import { SignIn } from './signin/sign-in.tsx'
import { useCell } from './state/cell.ts'
import { failedDevices, tasks } from './tasks/task-list.ts'

const start = startArguments(location.search)
const framed = window.parent !== window
startSettings(start)
startNavigation(start.args)

const parent = framed ? new ParentWindow(window, start.name ?? appName(location.href), {
  onLang: setLanguage, onScheme: setScheme,
  onArgs: args => go(readRoute(new URLSearchParams(args))),
  onMenu: open => {
    menuOpen.update(now => open ?? !now)
    parent?.setMenuState(menuOpen.value)
  },
  // What is shown stands in the address and in the client's arguments already.
  onPrepareReload: () => tellParent(),
}) : undefined

const tellParent = (): void => parent?.setArgs(writeRoute(route.value).toString(), document.title)
if (parent) {
  // Other apps lead here (wire-protocols 3.11). The address remembers the device until somebody is signed in.
  new ProvidedApi(window, 'com.innovaphone.devicesui', {}, {
    onRequest: ({ msg: { mt, hwId } }) => {
      if (mt !== 'OpenDevice' || !isString(hwId) || !hwId) return
      go({ view: 'device', hwId: hwId.slice(0, 64), tab: 'overview' })
      parent.bringToFront()
    },
  })
  parent.setMenuState(menuOpen.value)
  let timer: ReturnType<typeof setTimeout> | undefined
  route.subscribe(() => {
    clearTimeout(timer)
    timer = setTimeout(tellParent, 200)
  })
}

startSession(start.url, parent && (challenge => parent.login(challenge)))

if (parent) {
  // Counted whatever is shown: the client shows the number while the app itself is not seen.
  tasks.start()
  let shown: number | undefined
  tasks.items.subscribe(() => {
    const count = tasks.items.value && failedDevices(tasks.items.value)
    if (count === undefined || count === shown) return
    shown = count
    parent.setBadge(count)
  })
}

const App = () => {
  const state = useCell(connection().state)
  useCell(language)
  useCell(scheme)
  // Who is typing a password stays on the form until it is accepted; whoever continues sees the page fill itself.
  const signIn = state.at === 'signedOut' || (state.at === 'connecting' && state.by.kind === 'password' && state.lostAt === undefined)
  return <><Sprite />{signIn ? <SignIn /> : <Shell framed={framed} />}<Notices /></>
}

render(<App />, document.body)
