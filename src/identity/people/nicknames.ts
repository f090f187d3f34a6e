/** What a user may be called by everybody else. */
import { textShape } from '../../platform/shapes.ts';

export const nicknameShape = textShape({ max: 32 }).refine(
  (nickname) => !isReserved(nickname),
  'is reserved',
);

/** Nobody is called anything that has one of these in it. */
const NOWHERE = ['管理员', '管理員', '客服', '官方', '开奖', '開獎', 'kaijiang', '已注销', '已註銷'];
/** Nobody is called one of these alone, or numbered. */
const ALONE = [
  ...[
    '系统',
    '系統',
    '系统消息',
    '系统通知',
    '店长',
    '店長',
    '经理',
    '經理',
    '工作人员',
    '平台',
    '运营',
    '公告',
    '匿名',
  ],
  ...[
    'admin',
    'admins',
    'administrator',
    'superadmin',
    'root',
    'system',
    'sysadmin',
    'official',
    'support',
    'service',
  ],
  ...[
    'customerservice',
    'helpdesk',
    'help',
    'staff',
    'moderator',
    'mod',
    'operator',
    'owner',
    'manager',
    'webmaster',
  ],
  ...['security', 'bot', 'robot', 'null', 'undefined', 'anonymous', 'deleted'],
];
/** Letters of other scripts that look like Latin ones, each above the one that it is taken for. */
const LOOKALIKE = 'аеорсухіјѕԁһкмтвпɡıοανρτικ';
const TAKEN_FOR = 'aeopcyxijsdhkmtbngioavptik';

function isReserved(nickname: string): boolean {
  const skeleton = skeletonOf(nickname);
  const name = skeleton.replace(/^\d+|\d+$/g, '');
  return NOWHERE.some((word) => skeleton.includes(word)) || ALONE.includes(name);
}

/** What is left when a name is read and not looked at: ＡＤＭＩＮ, a.d.m.i.n and Admin are one. */
function skeletonOf(nickname: string): string {
  const letters = [...nickname.normalize('NFKC').toLowerCase()].map((letter) => {
    const at = LOOKALIKE.indexOf(letter);
    return at === -1 ? letter : TAKEN_FOR.charAt(at);
  });
  return letters
    .join('')
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '');
}
