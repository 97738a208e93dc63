import {
  ambiguous,
  badRequest,
  contentTooLarge,
  forbidden,
  methodNotAllowed,
  notFound,
  Problem,
  unauthorized,
  unavailable,
} from './problem.js';

describe('Problem', () => {
  it('is written as RFC 9457 says', () => {
    expect(badRequest('time: must be an integer.').body('0f8e')).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'time: must be an integer.',
      instance: '0f8e',
    });
  });

  it.each<[Problem, number, string]>([
    [unauthorized(), 401, 'Unauthorized'],
    [forbidden('x'), 403, 'Forbidden'],
    [notFound('x'), 404, 'Not Found'],
    [methodNotAllowed('PUT', ['GET']), 405, 'Method Not Allowed'],
    [contentTooLarge('x'), 413, 'Payload Too Large'],
    [ambiguous('x'), 500, 'Internal Server Error'],
    [unavailable(), 503, 'Service Unavailable'],
    [new Problem(599, 'x'), 599, 'Error'],
  ])('has the phrase of its status: %s', (problem, status, title) => {
    expect(problem.body('id')).toMatchObject({ status, title });
  });

  it('names the scheme, the methods and the wait that its status asks for', () => {
    expect(unauthorized().headers).toEqual({ 'WWW-Authenticate': 'Bearer realm="clockwork"' });
    expect(methodNotAllowed('DELETE', ['GET', 'HEAD'])).toMatchObject({
      headers: { Allow: 'GET, HEAD' },
      detail: 'This path does not take DELETE; it takes GET, HEAD.',
    });
    expect(unavailable().headers).toEqual({ 'Retry-After': '1' });
  });

  it('holds no stack', () => {
    expect(JSON.stringify(new Problem(500, 'x').body('id'))).not.toContain('.ts');
  });
});
