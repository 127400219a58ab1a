// Runs at CloudFront's edge before each request that is not for a file, in cloudfront-js-2.0: ES 5.1 with const, let
// and arrow functions, without for-of and destructuring. `SETTINGS` stands before this file: viewer_function.py.
// The emulator's cdn/viewer_function.py and cdn/maintenance.py do the same; one corpus holds both to it.

function bytes(text) {
  // Of its UTF-8. No surrogates in a pattern: the engine's own text has none.
  return /[^\x00-\x7f]/.test(text) ? encodeURIComponent(text).replace(/%../g, '.').length : text.length;
}

function values(field) {
  return field.multiValue ? field.multiValue.map((one) => one.value) : [field.value];
}

function headerBytes(request) {
  const query = request.rawQueryString();
  const target = query === undefined ? request.uri : request.uri + '?' + query;
  let size = bytes(request.method + target + '  HTTP/1.1');
  Object.keys(request.headers).forEach((name) => {
    if (name !== 'te' && name !== 'transfer-encoding') values(request.headers[name]).forEach((one) => { size += bytes(one); });
  });
  // Cookies stand apart from the headers; in between go `=` and `; `.
  let cookies = 0;
  Object.keys(request.cookies).forEach((name) => {
    values(request.cookies[name]).forEach((one) => { cookies += bytes(name) + bytes(one) + 3; });
  });
  return size + (cookies ? cookies - 2 : 0);
}

function mostBodyBytes(headers) {
  const type = headers['content-type'] ? headers['content-type'].value.toLowerCase() : '';
  const text = !headers['content-encoding'] && SETTINGS.textTypes.some((start) => type.startsWith(start));
  return text ? SETTINGS.textBytes : SETTINGS.binaryBytes;
}

function page(name) {
  const parts = SETTINGS.pages[name];
  let html = SETTINGS.shell;
  Object.keys(parts).forEach((part) => { html = html.split('{' + part + '}').join(parts[part]); });
  const headers = {
    'cache-control': { value: 'no-store' },
    'content-security-policy': { value: SETTINGS.csp },
    'content-type': { value: 'text/html; charset=utf-8' },
    'x-content-type-options': { value: 'nosniff' },
  };
  if (name === 'maintenance') headers['retry-after'] = { value: SETTINGS.retryAfter };
  return { statusCode: parseInt(parts.status, 10), headers: headers, body: { encoding: 'text', data: html } };
}

function opened() {
  const pass = { value: SETTINGS.bypass, attributes: SETTINGS.attributes };
  const cookies = {};
  cookies[SETTINGS.cookie] = pass;
  return { statusCode: 302, headers: { 'cache-control': { value: 'no-store' }, location: { value: '/' } }, cookies: cookies };
}

function passes(request) {
  const given = request.cookies[SETTINGS.cookie];
  return SETTINGS.bypass !== '' && given !== undefined && values(given).indexOf(SETTINGS.bypass) !== -1;
}

function handler(event) {
  const request = event.request;
  const headers = request.headers;
  if (SETTINGS.bypass !== '' && request.uri === SETTINGS.door + SETTINGS.bypass) return opened();
  if (SETTINGS.maintenance === 'yes' && !passes(request)) return page('maintenance');
  if (headerBytes(request) > SETTINGS.headerBytes) return page('431');
  if (headers['content-length'] && parseInt(headers['content-length'].value, 10) > mostBodyBytes(headers)) return page('413');
  // Whatever the viewer claims under these names is dropped. CloudFront-Forwarded-Proto is not sent at all: viewers come
  // by https or are redirected to it.
  delete headers['cloudfront-forwarded-proto'];
  headers['x-viewer-host'] = { value: headers.host ? headers.host.value : '' };
  headers['x-viewer-address'] = { value: event.viewer.ip };
  return request;
}
