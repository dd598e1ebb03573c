import { describe, expect, it } from 'vitest';
import { UPLOAD_MAX_BYTES as API_MAX_BYTES, UPLOAD_TYPES } from '../../core/upload';
import { fileProblem, UPLOAD_ENDINGS, UPLOAD_MAX_BYTES } from '../../dashboard/logic/upload-file';

describe('a file to try', () => {
  it('is measured by what the api takes', () => {
    expect([UPLOAD_MAX_BYTES, [...UPLOAD_ENDINGS]]).toEqual([
      API_MAX_BYTES,
      Object.keys(UPLOAD_TYPES),
    ]);
  });

  it('goes in as a video of any size up to 2 GiB', () => {
    expect(fileProblem({ name: 'Gate 4.MP4', size: 1 })).toBeNull();
    expect(fileProblem({ name: 'a.b.mkv', size: UPLOAD_MAX_BYTES })).toBeNull();
  });

  it('is refused in a sentence where it is no video, empty, or 3 GiB', () => {
    expect(fileProblem({ name: 'notes.txt', size: 1 })).toMatch('“notes.txt” is no video');
    expect(fileProblem({ name: 'mp4', size: 1 })).toMatch('ends in .mp4, .m4v, .mov, .ts, .mkv');
    expect(fileProblem({ name: 'a.mp4', size: 0 })).toMatch('is empty');
    expect(fileProblem({ name: 'a.mp4', size: 3 * 1024 ** 3 })).toMatch('has 3.0 GiB');
  });
});
