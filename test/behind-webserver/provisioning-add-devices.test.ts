/** test/provisioning/add-devices.test.ts behind the webserver of an App Platform. */
process.env['TEST_HOST'] = 'app-platform'
await import('../provisioning/add-devices.test.ts')
