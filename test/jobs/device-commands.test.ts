/** Command lines in requests and what devices answer (device-commands 1.1-1.3, chapter 3). */
import fc from 'fast-check'
import t from 'tap'
import { commandFailure, commandTarget, configuredValue } from '../../app/jobs/device-commands.ts'
import { urlOption } from '../../app/devices/option-value.ts'

const answer = (body: string, status = 200): Parameters<typeof commandFailure>[0] => ({ status, headers: [], body: Buffer.from(body) })

t.test('command lines as targets', t => {
  t.equal(commandTarget('config write'), '/!config%20write')
  t.equal(commandTarget(`config change SYSCLIENT /sysadmin ${urlOption('wss://a.example/b/devices/sysclients')}`),
    '/!config%20change%20SYSCLIENT%20/sysadmin%20wss://a.example/b/devices/sysclients')
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), value => {
    const target = commandTarget(`config add CMD0 /name ${encodeURIComponent(value)}`)
    // One decoding gives the command line, whose value holds no blank; a second one the value.
    const line = decodeURIComponent(target.slice(2))
    return /^\/![\x21-\x7e]+$/.test(target) && !/[?#]/.test(target) && decodeURIComponent(line.split(' ')[4] ?? '') === value && line.split(' ').length === 5
  }))
  t.end()
})

t.test('answers', t => {
  t.equal(commandFailure(answer('ok\r\n')), undefined)
  t.equal(commandFailure(answer('<info state="ok"/>')), undefined)
  t.match(commandFailure(answer('?\r\n')), /does not know/)
  t.match(commandFailure(answer('<info error="no access"/>')), /no access/)
  t.match(commandFailure(answer('nothing', 404)), /404/)
  t.end()
})

t.test('values of cfg.txt', t => {
  const cfg = 'config change CMD0 /name My%20phone /no-telnet\r\nconfig change SYSCLIENT2 /sysadmin wrong\r\nconfig change SYSCLIENT /a /sysadmin wss%3A%2F%2Fx%2Fy /b 1\r\nvars create X p config change SYSCLIENT /sysadmin no\r\n'
  t.equal(configuredValue(cfg, 'SYSCLIENT', 'sysadmin'), 'wss://x/y')
  t.equal(configuredValue(cfg, 'CMD0', 'name'), 'My phone')
  t.equal(configuredValue(cfg, 'CMD0', 'no-telnet'), undefined)
  t.equal(configuredValue(cfg, 'NTP0', 'addr'), undefined)
  t.equal(configuredValue('config change SYSCLIENT /sysadmin wss://x/y/z\n', 'SYSCLIENT', 'sysadmin'), 'wss://x/y/z', 'unencoded, as some devices may keep it')
  t.equal(configuredValue('config change X /y 100%', 'X', 'y'), '100%')
  fc.assert(fc.property(fc.string(), fc.string(), (text, module) => { configuredValue(text, module, 'x'); return true }))
  t.end()
})
