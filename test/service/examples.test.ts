/**
 * A tour of the whole API with the running executable. Each message is used once; what was sent and received are the examples of
 * docs/api.md. `WRITE_EXAMPLES=1` writes them to docs/api-examples.json; otherwise the run must find the same fields as are written there,
 * and a message without an example fails.
 */
import crypto from 'node:crypto'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { APP_REQUESTS } from '../../app/protocol/app-websocket.ts'
import { INDICATIONS, REQUESTS } from '../../app/protocol/service-api.ts'
import { AppClient, type Message } from '../fixtures/app-client.ts'
import { PlainDevice } from '../fixtures/plain-device.ts'
import { rc4Hex } from '../fixtures/rc4.ts'
import { PASSWORD, startService } from '../fixtures/service.ts'

interface Example { request?: object, answer?: object }
type Examples = Record<string, Example>
const FILE = path.resolve(import.meta.dirname, '../../docs/api-examples.json')

const service = await startService({ args: ['--public-url=https://apps.example.com/example.com/devices'] })
t.teardown(() => service.stop())
const app = await AppClient.connect(service.wsBase)
const examples: Examples = {}

const without = ({ src: _, ...message }: Message): object => message
/** Sends a request and keeps it with its answer. */
async function show(mt: string, fields: object = {}, answered = true): Promise<Message> {
  if (!answered) {
    app.send({ mt, ...fields })
    examples[mt] = { request: { mt, ...fields } }
    return { mt }
  }
  const answer = await app.request(mt, fields)
  t.notOk(answer['error'], `${mt} ${String(answer['errorText'] ?? '')}`)
  examples[mt] = { request: { mt, ...fields }, answer: without(answer) }
  return answer
}
/** Waits for an indication, which may have come already, and keeps it. */
async function heard(mt: string, matches: (message: Message) => boolean = () => true): Promise<void> {
  examples[mt] = { answer: without(await app.until(message => message.mt === mt && matches(message), true)) }
}

t.test('a tour of all messages', async t => {
  await show('CheckBuild', { url: 'https://apps.example.com/example.com/devices/innovaphone-devices.htm' })
  const { challenge } = await show('AppChallenge')
  const login = { app: 'innovaphone-devices', domain: 'example.com', sip: 'admin', guid: '', dn: '' }
  const proof = crypto.createHash('sha256').update(`innovaphone-devices:example.com:admin:::${String(challenge)}:${PASSWORD}`).digest('hex')
  await show('AppLogin', { ...login, digest: proof })
  const sessionKey = crypto.createHash('sha256').update(`innovaphoneAppSessionKey:${String(challenge)}:${PASSWORD}`).digest('hex')
  const check = crypto.createHash('sha256').update(`devices:example.com::::1234:${PASSWORD}`).digest('hex')
  await show('AppCheckLogin', { app: 'devices', domain: 'example.com', challenge: '1234', digest: check })
  await show('AppInfo', { app: 'innovaphone-devices-api' })
  await show('KeepAlive', {}, false)
  await show('PbxInfo', { domain: 'example.com', pbx: 'pbx', pbxDns: 'pbx.example.com', apis: ['Services'], version: '14r1', build: '1410520' }, false)
  const { token } = await show('AppResumeToken')
  await show('AppResume', { token })
  await show('GetUserInfo')
  await show('GetLoginInfo')
  await show('GetRegistrationUrl')
  await show('SetPreferences', { preferences: { density: 'compact' } })
  await show('GetPreferences')
  await show('RequestHttpKey')

  await show('GetDomains', { recvUpdates: true })
  await show('GetDevices', { recvUpdates: true })
  await show('GetProvisioningCodes', { recvUpdates: true })
  await show('GetTasks', { recvUpdates: true })
  const seal = (seed: string, text: string): string => rc4Hex(`${seed}:${sessionKey}`, text)
  const { id: branch } = await show('AddDomain', { name: 'branch.example.com', deployAdminPasswords: true, seed: 'aB3dE6gH', password: seal('aB3dE6gH', 'branch-pw') })
  await heard('DomainAdded')
  const { id: phones } = await show('AddCategory', { domainId: branch, name: 'phones', config: true })
  const { id: floor } = await app.request('AddCategory', { domainId: branch, name: 'ground floor' })
  await show('EditCategory', { id: floor, name: 'first floor' })
  await heard('DomainEdited')
  await show('EditDomain', { id: branch, invoiceReference: '4711', emails: ['it@branch.example.com'], seed: 'xY9zW8vU', provisioningToken: seal('xY9zW8vU', 'token-4711') })
  await show('GetDomainSettings', { id: branch })
  await show('GetAllDomainSettings')
  await show('GetProvisioningToken', { id: branch })
  await show('GetProvisioningCategories', { domainId: branch })
  await show('GetDeviceConfigs', { domainId: branch })
  // There is none to show; this is how it is refused.
  examples['GetDeviceConfig'] = { request: { mt: 'GetDeviceConfig', domainId: branch, id: 1 }, answer: without(await app.request('GetDeviceConfig', { domainId: branch, id: 1 })) }

  const url = `${service.wsBase}/sysclients`
  const phone = await PlainDevice.connect(url, { id: '009033280177', product: 'IP112', version: '13r2 sr2 [13.6146/136146/400]', more: { ethIfs: [{ if: 'ETH0', ipv4: '172.16.136.105' }] } })
  phone.identify()
  await app.until(message => message.mt === 'DeviceAdded', true)
  await show('GetUnassignedDevicesCount')
  await show('SetDeviceFiler', { recvUpdates: true })
  await show('SetDeviceFilter', { recvUpdates: true })
  await show('GetDevicesPage', { offset: 0, limit: 60, sort: 'status', states: ['unassigned'], recvUpdates: true })
  await show('AddDevice', { hwId: '00-90-33-28-01-77', domainId: branch, name: 'Reception' })
  await phone.until(1, true)
  await heard('DevicesPageUpdate')
  const { device: known } = await show('GetDevice', { hwId: '009033280177' })
  const { id: phoneId } = known as { id: number }
  await show('EditDevice', { id: phoneId, name: 'Reception desk', categories: [floor], provisioningCategory: phones })
  await heard('DeviceUpdate', ({ device }) => (device as { name?: string }).name === 'Reception desk')
  await show('GetCategoryUse', { id: floor })
  await show('GetFilteredDevices', { domainId: branch, types: ['PHONE'] })
  await show('GetDevicePassword', { id: phoneId })
  await show('OpenTunnel', { hwId: '009033280177' })
  await show('CloseTunnel', { hwId: '009033280177' })

  const { code } = await show('GetProvisioningCode', { domainId: branch, category: 'phones', sip: 'john.doe' })
  await heard('ProvisioningCodeAdded')
  const second = await PlainDevice.connect(url, { id: '0090332b0c11', product: 'IP222' })
  second.identify({ provisioningCode: code })
  await second.until(1, true)
  await heard('DeviceProvisioned')
  await heard('ProvisioningCodeEdited')
  await heard('DeviceAdded', ({ device }) => (device as { domainId?: number }).domainId === branch)
  await show('GetProvisionedDevice', { domainId: branch, code })
  const { codes } = await show('AddProvisioningCodes', { domainId: branch, category: 'phones', rollout: true, sips: ['jane.roe', 'max.muster'] })
  await show('DeleteProvisioningCode', { code: (codes as { code: string }[])[0]?.code })
  await heard('ProvisioningCodeDeleted')
  await show('AddDevices', { domainId: branch, devices: [{ hwId: '00:90:33:2b:0c:12', name: 'Kitchen', type: 'PHONE' }, { hwId: '009033280177' }] })

  const gateway = await PlainDevice.connect(url, { id: '0090334100be', product: 'IP811', type: 'GW', more: { platform: { type: 'GW', fxs: true } } })
  gateway.identify()
  await app.until(({ mt, device }) => mt === 'DeviceAdded' && (device as { hwId?: string }).hwId === '0090334100be', true)
  await app.request('AddDevice', { hwId: '0090334100be', domainId: branch })
  await gateway.until(1, true)
  const { code: forInterface } = await app.request('GetProvisioningCode', { domainId: branch, category: 'phones' })
  gateway.admin(4, { id: 'TEL1', code: forInterface })
  t.same(await gateway.until(5, true), {})
  await show('GetDevicePhones', { hwId: '0090334100be' })
  await show('RemoveDevicePhone', { hwId: '0090334100be', id: 'TEL1' })

  const selection = { filter: { domainIds: [branch] } }
  await show('CountSelection', { selection })
  const { task } = await show('StartEdit', { selection, addCategories: [floor] })
  await heard('TaskAdded')
  await heard('TaskEdited', message => (message['task'] as { state?: string }).state === 'done')
  await show('GetTaskDevices', { id: task, offset: 0, limit: 10 })
  await show('RetryTask', { id: task })
  await app.until(message => message.mt === 'TaskEdited' && (message['task'] as { state?: string }).state === 'done', true)
  const { task: rollout } = await show('StartUrlRollout', { selection: { ids: [phoneId] } })
  await show('CancelTask', { id: rollout })
  await show('DeleteTask', { id: task })
  await heard('TaskDeleted')
  await show('DeleteDevice', { id: phoneId })
  await heard('DeviceRemoved')
  await show('StartDelete', { selection: { filter: { domainIds: [branch], search: 'kitchen' } } })

  await show('StartRestart', { selection: { filter: { domainIds: [branch] } }, whenIdle: true })

  await show('SetAppRole', { appObject: 'devices-view', role: 'read' })
  await show('GetAppRoles')
  await show('EditInstanceSettings', { auditDays: 180 })
  await show('GetInstanceSettings')
  await show('GetAuditPage', { offset: 0, limit: 2, domainIds: [branch] })
  await show('DeleteCategory', { id: floor, force: true })
  await show('DeleteDomain', { id: branch, force: true })
  await heard('DomainDeleted')
  await show('AppSignOut', { token })
  for (const device of [phone, second, gateway]) await device.close()
  t.same(Object.keys(examples).sort(), [...Object.keys(APP_REQUESTS), ...Object.keys(REQUESTS), ...Object.keys(INDICATIONS)].sort(), 'an example of each message')
})

t.test('the written examples are of this shape', t => {
  if (process.env['WRITE_EXAMPLES']) fs.writeFileSync(FILE, `${JSON.stringify(examples, null, 1)}\n`)
  const written = JSON.parse(fs.readFileSync(FILE, 'utf8')) as Examples
  const fields = (example: Example | undefined): object => Object.fromEntries(Object.entries(example ?? {}).map(([side, message]) => [side, Object.keys(message as object).sort()]))
  for (const mt of Object.keys(examples)) t.same(fields(written[mt]), fields(examples[mt]), mt)
  t.same(Object.keys(written).sort(), Object.keys(examples).sort(), 'none too many')
  t.end()
})

t.test('docs/api.md is what the tables say', t => {
  const root = path.resolve(import.meta.dirname, '../..')
  t.doesNotThrow(() => execFileSync(process.execPath, ['scripts/write-api-docs.ts', '--check'], { cwd: root, stdio: 'pipe' }))
  t.end()
})
