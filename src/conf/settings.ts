/**
 * What one level of the configuration (main, http, a server, a location) is set to, with everything inherited already in
 * it: one property a directive. A module adds its own properties by declaration merging:
 *
 *     declare module '../conf/settings.js' {
 *       interface Settings { sendfile: boolean }
 *     }
 *
 * All settings objects are built from the directive table in one order, so they share one hidden class and a read such as
 * `settings.sendfile` on the request path is one load. Sizes are bytes, times are milliseconds.
 */
// biome-ignore lint/suspicious/noEmptyInterface: modules fill it by declaration merging
export interface Settings {}
