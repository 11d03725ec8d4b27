/** The device grid with a hundred thousand devices. */
import t from 'tap'
import fs from 'node:fs'
import { AppClient } from '../fixtures/app-client.ts'
import { fill, filledDevice } from '../fixtures/fill.ts'
import { PASSWORD, startService, temporaryFolder } from '../fixtures/service.ts'
import { eventually, FORM_USER, openBrowser, openPage, row, rowThere, signedInPage, signIn } from './browser.ts'

/** What the page under test measures of itself. */
declare global {
  var seen: { shift: number, longTasks: number[] }
}

const COUNT = 100_000
const folder = temporaryFolder()
fill(folder, COUNT)
const service = await startService({ workingPath: folder })
const browser = await openBrowser()
const client = await AppClient.login(`${service.wsBase}/innovaphone-devices`, { ...FORM_USER, password: PASSWORD })
t.teardown(async () => {
  client.socket.close()
  await browser.close()
  await service.stop()
  fs.rmSync(folder, { recursive: true, force: true })
})
const url = `${service.base}/`

/** The names of the devices at these places, as the service has them. */
const namesAt = async (offset: number, limit: number, sort: string, descending = false): Promise<string[]> => {
  const { devices } = await client.request('GetDevicesPage', { offset, limit, sort, descending })
  return (devices as { name?: string, product: string }[]).map(device => device.name ?? device.product)
}

const { page, problems } = await openPage(browser, url)
await page.addInitScript(() => {
  globalThis.seen = { shift: 0, longTasks: [] }
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if ('value' in entry && 'hadRecentInput' in entry && !entry.hadRecentInput) seen.shift += Number(entry.value)
  }).observe({ type: 'layout-shift', buffered: true })
  new PerformanceObserver(list => { for (const entry of list.getEntries()) seen.longTasks.push(entry.duration) }).observe({ type: 'longtask', buffered: true })
})
const measured = (): Promise<{ shift: number, longTasks: number[] }> => page.evaluate(() => globalThis.seen)
await signIn(page)
await rowThere(page, 0)

t.test('few rows exist, all are counted', async t => {
  t.match(await page.locator('.head .sub').textContent(), /100,000in all/)
  t.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), String(COUNT + 1))
  for (const part of [0, 0.25, 0.5, 1]) {
    await page.locator('.grid').evaluate((grid, at) => { grid.scrollTop = grid.scrollHeight * at }, part)
    await page.waitForFunction(() => [...document.querySelectorAll('.grid-body .row')].every(one => one.querySelector('.c-name a')))
    const rows = await page.locator('.grid [role=row]').count()
    t.ok(rows > 10 && rows <= 120, `${rows} rows at ${part}`)
  }
  // The window follows the scroll position in a frame of its own.
  await eventually('the last row is there', async () => await page.locator('.grid-body .row').last().getAttribute('aria-rowindex') === String(COUNT + 1))
})

t.test('a loaded page does not move, and loads as a skeleton of the same measures', async t => {
  await page.reload()
  const skeleton = page.locator('.g-sk')
  await Promise.race([skeleton.waitFor(), rowThere(page, 0)])
  await rowThere(page, 0)
  await page.evaluate(() => document.fonts.ready)
  const { shift, longTasks } = await measured()
  t.ok(shift < 0.02, `layout shift ${shift}`)
  t.comment(`long tasks while loading: ${longTasks.join(', ') || 'none'}`)
})

t.test('scrolling to the end, the middle and anywhere shows the right rows', async t => {
  const places = [COUNT - 1, COUNT / 2, ...Array.from({ length: 50 }, (_, n) => (n * 7919 * 31) % COUNT)]
  const waits: number[] = []
  // In the order of their MAC the place of every filled device is known.
  await page.goto(`${url}#sort=mac`)
  await rowThere(page, 0)
  for (const place of places) {
    const shown = await page.locator('.grid').evaluate(async (grid, index) => {
      grid.scrollTop = index * 32
      const start = performance.now()
      const head = 32
      const inSight = (): Element[] => [...grid.querySelectorAll('.grid-body .row')].filter(one => {
        const box = one.getBoundingClientRect()
        const around = grid.getBoundingClientRect()
        return box.bottom > around.top + head && box.top < around.bottom
      })
      while (!(inSight().length > 3 && inSight().every(one => one.querySelector('.c-name a')))) await new Promise(requestAnimationFrame)
      return { wait: performance.now() - start, rows: inSight().map(one => ({ at: Number(one.getAttribute('aria-rowindex')) - 2, name: one.querySelector('.c-name a')?.textContent ?? '' })) }
    }, place)
    waits.push(shown.wait)
    t.strictSame(shown.rows.map(one => one.name), shown.rows.map(one => filledDevice(one.at).name), `rows from ${shown.rows[0]?.at}`)
  }
  waits.sort((a, b) => a - b)
  t.comment(`rows there after (ms): median ${Math.round(waits[waits.length >> 1] ?? 0)}, longest ${Math.round(waits.at(-1) ?? 0)}; long tasks: ${(await measured()).longTasks.map(Math.round).join(', ') || 'none'}`)
})

t.test('sorting by every column in both directions, kept in the address', async t => {
  await page.setViewportSize({ width: 1920, height: 900 })
  for (const [label, sort] of [['Name', 'name'], ['Product', 'product'], ['MAC', 'mac'], ['IP address', 'ip'], ['Version', 'version'], ['Type', 'type'], ['Domain', 'domain'], ['Last change', 'lastSeen'], ['Status', 'status']] as const) {
    for (const descending of [false, true]) {
      await page.getByRole('columnheader', { name: label, exact: true }).getByRole('button').click()
      await page.locator(`[aria-sort=${descending ? 'descending' : 'ascending'}]`, { hasText: label }).waitFor()
      const names = await namesAt(0, 12, sort, descending)
      await page.waitForFunction(expected => expected.every((name, at) => document.querySelector(`[data-index="${at}"] .c-name a`)?.textContent === name), names)
    }
  }
  t.equal(await page.locator('[aria-sort]').count(), 1)
  // Forty thousand devices are of the same product: their order among themselves is always the same.
  const order = async (): Promise<string> => {
    await page.getByRole('columnheader', { name: 'Product' }).getByRole('button').click()
    await page.locator('[aria-sort=ascending]', { hasText: 'Product' }).waitFor()
    await page.waitForFunction(() => ![...document.querySelectorAll('.grid-body .row .c-product')].some(cell => cell.textContent !== 'AppPlatform'))
    return (await page.locator('.grid-body .row .c-mac').allTextContents()).join()
  }
  const before = await order()
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
  await page.locator('[aria-sort=ascending]', { hasText: 'Name' }).waitFor()
  t.equal(await order(), before, 'equal devices keep their order')
  await page.getByRole('columnheader', { name: 'MAC' }).getByRole('button').click()
  await page.waitForURL(/sort=mac/)
  await page.reload()
  await page.locator('[aria-sort=ascending]', { hasText: 'MAC' }).waitFor()
  await rowThere(page, 0)
  t.equal(await row(page, 0).locator('.c-mac').textContent(), filledDevice(0).hwId)
  t.pass('sort survives a reload')
})

t.test('columns are resized and hidden for this user, and put back', async t => {
  const name = page.getByRole('columnheader', { name: 'Product', exact: true })
  const before = await name.evaluate(head => head.getBoundingClientRect().width)
  const edge = await name.locator('.resizer').boundingBox()
  if (!edge) return t.fail('no edge to drag')
  await page.mouse.move(edge.x + 4, edge.y + 8)
  await page.mouse.down()
  await page.mouse.move(edge.x + 64, edge.y + 8, { steps: 4 })
  await page.mouse.up()
  t.equal(Math.round(await name.evaluate(head => head.getBoundingClientRect().width) - before), 60)
  t.equal(await row(page, 0).locator('.c-product').evaluate(cell => cell.getBoundingClientRect().width), await name.evaluate(head => head.getBoundingClientRect().width), 'rows follow the head')
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Version' }).click()
  await page.getByRole('menuitemradio', { name: 'Compact rows' }).click()
  await page.keyboard.press('Escape')
  t.equal(await page.getByRole('columnheader', { name: 'Version' }).count(), 0)
  t.equal(await row(page, 0).evaluate(one => one.getBoundingClientRect().height), 28)
  const kept = async (): Promise<Record<string, string>> => (await client.request('GetPreferences'))['preferences'] as Record<string, string>
  // Another browser of the same user: what was chosen comes from the service.
  await eventually('the choice is kept', async () => (await kept())['columns']?.includes('version') === true)
  const other = await signedInPage(browser, url, { viewport: { width: 1920, height: 900 } })
  await rowThere(other.page, 0)
  await other.page.waitForFunction(() => !document.querySelector('.grid-head .c-version'))
  t.equal(Math.round(await other.page.getByRole('columnheader', { name: 'Product', exact: true }).evaluate(head => head.getBoundingClientRect().width) - before), 60)
  await other.context.close()
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitem', { name: 'Reset columns' }).click()
  await page.getByRole('columnheader', { name: 'Version' }).waitFor()
  t.equal(await name.evaluate(head => head.getBoundingClientRect().width), before)
  await eventually('the choice is forgotten', async () => !(await kept())['columns'])
})

t.test('one, a range, and all that match are selected and announced', async t => {
  const announced = page.locator('.sr[role=status]')
  await row(page, 2).locator('.ck').click()
  await announced.filter({ hasText: /^1 device selected$/ }).waitFor({ state: 'attached' })
  await row(page, 6).locator('.ck').click({ modifiers: ['Shift'] })
  await page.locator('.selbar', { hasText: '5 selected' }).waitFor()
  t.equal(await page.locator('.row[aria-selected=true]').count(), 5)
  await page.waitForURL(/selected=/)
  await page.getByRole('button', { name: 'Select all 100,000' }).click()
  await announced.filter({ hasText: '100,000 devices selected' }).waitFor({ state: 'attached' })
  await page.locator('.grid').evaluate(grid => { grid.scrollTop = grid.scrollHeight / 2 })
  await rowThere(page, COUNT / 2)
  t.equal(await row(page, COUNT / 2).getAttribute('aria-selected'), 'true', 'also rows never seen before')
  await row(page, COUNT / 2).locator('.ck').click()
  await page.locator('.selbar', { hasText: '99,999 selected' }).waitFor()
  await page.getByRole('button', { name: 'Clear selection' }).click()
  t.equal(await page.locator('.selbar').count(), 0)
  await page.locator('.grid').evaluate(grid => { grid.scrollTop = 0 })
})

t.test('the keyboard reaches every row and every action', async t => {
  const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex') ?? null)
  await rowThere(page, 0)
  await row(page, 0).click({ position: { x: 400, y: 10 } })
  t.equal(await page.locator('.grid [tabindex="0"]').count(), 1, 'one stop for Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  t.equal(await focused(), '4')
  await page.keyboard.press('PageDown')
  t.ok(Number(await focused()) > 10)
  await page.keyboard.press('End')
  await page.waitForFunction(last => document.activeElement?.getAttribute('aria-rowindex') === last, String(COUNT + 1))
  await page.keyboard.press('Home')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-rowindex') === '2')
  await rowThere(page, 0)
  await page.keyboard.press(' ')
  await page.locator('.selbar', { hasText: '1 selected' }).waitFor()
  await page.keyboard.press('Shift+ArrowDown')
  await page.locator('.selbar', { hasText: '2 selected' }).waitFor()
  await page.keyboard.press('Escape')
  await page.locator('.selbar').waitFor({ state: 'detached' })
  await page.keyboard.press('Shift+F10')
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Escape')
  t.equal(await focused(), '3', 'the menu gives the focus back')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('ArrowUp')
  t.match(await page.evaluate(() => document.activeElement?.textContent), /Status/)
  await page.keyboard.press('ArrowRight')
  const width = (): Promise<number> => page.getByRole('columnheader', { name: 'Name' }).evaluate(head => head.getBoundingClientRect().width)
  const before = await width()
  await page.keyboard.press('Alt+ArrowLeft')
  await page.waitForFunction(was => document.querySelector('.grid-head .c-name')?.getBoundingClientRect().width !== was, before)
  await page.keyboard.press('Enter')
  await page.waitForURL(/sort=name/)
  await page.keyboard.press('ArrowDown')
  const name = (await namesAt(0, 1, 'name'))[0] ?? ''
  await row(page, 0).locator('a', { hasText: name }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name }).waitFor()
  await page.goBack()
  await rowThere(page, 0)
})

t.test('the focus stays with a row that is scrolled out of sight, and keys go on from there', async t => {
  await page.locator('.grid').evaluate(grid => { grid.scrollTop = 0 })
  await rowThere(page, 5)
  await row(page, 5).click({ position: { x: 400, y: 10 } })
  for (const part of [0.3, 0.9, 0.0005]) {
    await page.locator('.grid').evaluate((grid, at) => { grid.scrollTop = grid.scrollHeight * at }, part)
    await page.waitForFunction(() => {
      const top = document.querySelector('.grid')?.scrollTop ?? 0
      return [...document.querySelectorAll('.grid-body .row')].some(one => Math.abs(Number(one.getAttribute('data-index')) * 32 - top) < 64 && one.querySelector('.c-name a'))
    })
    t.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-index')), '5', `at ${part}`)
    t.ok(await page.locator('.grid [role=row]').count() <= 120)
    t.equal(await page.locator('.grid [tabindex="0"]').count(), 1, 'one stop for Tab')
  }
  await page.keyboard.press('ArrowDown')
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-index') === '6')
  await rowThere(page, 6)
  t.ok(await row(page, 6).evaluate(one => {
    const grid = one.closest('.grid')?.getBoundingClientRect()
    const { top, bottom } = one.getBoundingClientRect()
    return grid && top >= grid.top && bottom <= grid.bottom
  }), 'in sight')
})

t.test('type-ahead over name, MAC in any notation, product, type and address', async t => {
  await page.goto(`${url}#`)
  await rowThere(page, 0)
  const field = page.getByRole('searchbox')
  const device = filledDevice(77_777)
  const waits: number[] = []
  const octets = device.hwId.match(/../g) ?? []
  for (const words of [device.name, device.hwId, octets.join(':'), octets.join('-').toUpperCase(), device.ip]) {
    await field.fill('')
    await page.locator('.head .sub', { hasText: '100,000in all' }).waitFor()
    const start = performance.now()
    await field.fill(words)
    await page.locator('.head .sub', { hasText: /^1of 100,000 match/ }).waitFor()
    waits.push(performance.now() - start)
    t.equal(await row(page, 0).locator('.c-mac').textContent(), device.hwId, words)
  }
  t.comment(`found after (ms, with the wait for more letters): ${waits.map(Math.round).join(', ')}`)
  await field.fill('IP1200')
  await page.locator('.head .sub', { hasText: /^10,000of 100,000 match/ }).waitFor()
  await page.waitForURL(/q=IP1200/)
  await field.press('Escape')
  await page.locator('.head .sub', { hasText: '100,000in all' }).waitFor()
  t.equal(await field.inputValue(), '', 'Escape clears')
  await page.goBack()
  await page.locator('.head .sub', { hasText: /^10,000of 100,000 match/ }).waitFor()
  t.equal(await field.inputValue(), 'IP1200', 'the back button leads back to the search')
})

t.test('label: value becomes a token', async t => {
  const field = page.getByRole('searchbox')
  await field.press('Escape')
  await field.pressSequentially('type: gateway ')
  await page.locator('.search .token', { hasText: 'Gateway' }).waitFor()
  await page.waitForURL(/type=GW/)
  await page.locator('.head .sub', { hasText: /^10,000of 100,000 match/ }).waitFor()
  await field.fill('online: no')
  await field.press('Enter')
  await page.waitForURL(/state=offline/)
  await field.fill('Labor')
  await page.waitForURL(/q=Labor/)
  await page.locator('.head .sub strong').first().filter({ hasNotText: '10,000' }).waitFor()
  await field.fill('colour: red')
  await page.getByText('There is no filter “colour”.').waitFor()
  await field.fill('type: fridge')
  await page.getByText('“fridge” is not known. Choose one of: phone').waitFor()
  await field.fill('')
  await page.waitForURL(address => !address.href.includes('q='))
  await field.press('Backspace')
  await page.waitForURL(address => !address.href.includes('state=expected'))
  await field.press('Backspace')
  await page.waitForURL(address => !address.href.includes('state='))
  t.match(page.url(), /type=GW/, 'Backspace takes the last token')
  await field.fill('nothing-is-called-so')
  await page.getByRole('heading', { name: 'No device matches' }).waitFor()
  await page.locator('.empty', { hasText: 'nothing-is-called-so' }).waitFor()
  await page.locator('.empty').getByRole('button', { name: 'Show all devices' }).click()
  await page.locator('.head .sub', { hasText: '100,000in all' }).waitFor()
})

t.test('a thousand changes reach the page in few messages, and the rows end up right', async t => {
  await page.goto(`${url}#sort=mac`)
  await rowThere(page, 0)
  let messages = 0
  page.on('websocket', socket => socket.on('framereceived', frame => { if (String(frame.payload).includes('DevicesPageUpdate')) messages++ }))
  await page.reload()
  await rowThere(page, 0)
  const { devices } = await client.request('GetDevicesPage', { offset: 0, limit: 10, sort: 'mac' })
  const ids = (devices as { id: number }[]).map(device => device.id)
  const scrolled = await page.locator('.grid').evaluate(grid => { grid.scrollTop = 64; return grid.scrollTop })
  await row(page, 4).click({ position: { x: 400, y: 10 } })
  await row(page, 5).locator('.ck').click()
  const slowest = page.evaluate(async () => {
    const frames: number[] = []
    let last = performance.now()
    while (!document.querySelector('[data-index="9"] .c-name')?.textContent?.includes('change 99')) {
      await new Promise(requestAnimationFrame)
      frames.push(performance.now() - last)
      last = performance.now()
    }
    return Math.max(...frames)
  })
  const devtools = await page.context().newCDPSession(page)
  const heap = async (): Promise<number> => {
    await devtools.send('HeapProfiler.collectGarbage')
    return (await devtools.send('Runtime.getHeapUsage')).usedSize
  }
  let early = 0
  const rounds = 100
  for (let round = 0; round < rounds; round++) {
    if (round === rounds / 4) early = await heap()
    // The service takes 200 messages a second and connection for good.
    await Promise.all([...ids.map(id => client.request('EditDevice', { id, name: `change ${round}` })), new Promise(resolve => setTimeout(resolve, 60))])
  }
  t.comment(`longest frame during ${rounds * ids.length} changes: ${Math.round(await slowest)} ms, ${messages} messages`)
  t.ok(messages > 0 && messages < rounds * ids.length / 4, `${messages} messages`)
  const late = await heap()
  t.ok(late < early * 1.1, `heap ${early} and ${late} bytes`)
  for (const at of [3, 6, 9]) t.equal(await row(page, at).locator('.c-name a').textContent(), `change ${rounds - 1}`)
  t.equal(await page.locator('.grid').evaluate(grid => grid.scrollTop), scrolled, 'scroll position unchanged')
  t.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')), '7', 'focus unchanged')
  t.equal(await row(page, 5).getAttribute('aria-selected'), 'true', 'selection unchanged')
})

t.test('nothing went wrong on the way', async t => t.strictSame(problems, []))
