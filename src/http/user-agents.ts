/** Whether a browser says that it is Microsoft's, of any version; Opera has said so too, and what breaks off behind the word counts as nothing. */
export function isExplorer(userAgent: string | undefined): boolean {
  if (userAgent === undefined) return false;
  const at = userAgent.indexOf('MSIE ');
  return at !== -1 && at + 'MSIE 6.'.length < userAgent.length && !userAgent.includes('Opera');
}
