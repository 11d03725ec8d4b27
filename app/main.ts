/** The executable's commands. */
import { Command, Option } from 'commander'
import { addWebserverOptions, refuseWebserverOptions, serveAtWebserver, type WebserverOptions } from './cli/at-webserver.ts'
import { DEFAULTS, explain, serve } from './cli/serve.ts'
import { manage } from './cli/manage.ts'
import { platformArguments } from './platform/arguments.ts'
import { readRelease, releaseText } from './runtime/release.ts'
import { backup, restore, verify } from './store/backup.ts'
import { operatorKey } from './store/secrets.ts'
import { simulateCommand } from './simulate/command.ts'

const workingPath = (): Option => new Option('--working-path <folder>', 'where database, keys and passwords are kept').default(DEFAULTS.workingPath)

const program = new Command('devices')
  .description('Manages innovaphone devices. Without a command it serves.')
  .option('--listen <address:port>', 'where to listen', DEFAULTS.listen)
  .option('--tls-cert <file>', 'PEM certificate chain: serve https and wss')
  .option('--tls-key <file>', 'PEM private key of the certificate')
  .option('--app-name <name>', 'name of the instance', DEFAULTS.appName)
  .option('--app-domain <domain>', 'domain of the instance', DEFAULTS.appDomain)
  .option('--app-password <password>', 'password of the instance; better given in DEVICES_APP_PASSWORD, or left to be made')
  .option('--webserver-path <path>', 'path of the instance (default: /<app-domain>/<app-name>)')
  .addOption(workingPath())
  .option('--public-url <url>', 'address under which devices reach the service, with the path of the instance')
  .option('--metrics-listen <address:port>', 'serve /metrics and /health there')
  .addOption(new Option('--log-level <level>', 'least level that is logged').choices(['debug', 'info', 'warn', 'error']).default('info'))
  .addOption(new Option('--challenge-wait <ms>', 'how long a device may take to answer a challenge').argParser(Number).hideHelp())
  .showSuggestionAfterError(true)
  .allowExcessArguments(false)
  .action((options: WebserverOptions, command: Command) => {
    if (options.webserver) {
      const listen = command.getOptionValueSource('listen') === 'default' ? undefined : options.listen
      return serveAtWebserver(options, options.webserver, listen).then(() => process.exit(0))
    }
    refuseWebserverOptions(command)
    return serve(options)
  })

addWebserverOptions(program)

program.command('version').description('prints release, label and build').action(() => {
  const release = readRelease()
  process.stdout.write(`devices ${releaseText(release)} (files ${release.files})\n`)
})

program.command('backup').description('writes a backup of the database; works while the service runs')
  .requiredOption('--out <file>', 'file to write; it holds all secrets')
  .action((options: { out: string }, command: Command) => {
    const result = backup(command.optsWithGlobals<{ workingPath: string }>().workingPath, options.out, operatorKey())
    process.stdout.write(`${options.out}: ${result.devices} devices, ${result.bytes} bytes, verified\n`)
  })

program.command('restore').description('verifies a backup and puts it in the place of the database, which is kept')
  .requiredOption('--in <file>', 'backup to restore')
  .option('--check', 'only verify the backup')
  .action(async (options: { in: string, check?: boolean }, command: Command) => {
    if (options.check) {
      process.stdout.write(`${options.in}: ${verify(options.in, operatorKey())} devices, verified\n`)
      return
    }
    const result = await restore(command.optsWithGlobals<{ workingPath: string }>().workingPath, options.in, operatorKey())
    process.stdout.write(`restored ${result.devices} devices${result.kept ? `; the former database is kept in ${result.kept}` : ''}\n`)
  })

program.addCommand(simulateCommand())

const managed = platformArguments(process.argv.slice(2))
// The manager ends us by closing its socket: nothing that may still be open holds the process.
const run = managed ? manage(managed).then(() => process.exit(0)) : program.parseAsync()
run.catch((cause: unknown) => {
  const { text, code } = explain(cause)
  process.stderr.write(`devices: ${text}\n`)
  process.exit(code)
})
