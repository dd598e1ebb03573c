import { expect, it } from 'vitest';
import { csvOf } from '../../handlers/api/csv';

it('CSV has a header, quotes what needs it, and runs in no spreadsheet', () => {
  const rows = [
    { name: 'plain', value: 1.5 },
    { name: 'a, "b"\nc', value: null },
    { name: '=HYPERLINK("x")', value: -2 },
    { name: '+1', value: 0 },
    { name: '-1', value: 1e-9 },
    { name: '@x' },
  ];
  expect(csvOf(['name', 'value'], rows)).toBe(
    [
      'name,value',
      'plain,1.5',
      '"a, ""b""\nc",',
      `"'=HYPERLINK(""x"")",-2`,
      "'+1,0",
      "'-1,1e-9",
      "'@x,",
      '',
    ].join('\r\n'),
  );
});
