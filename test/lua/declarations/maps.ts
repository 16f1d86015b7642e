// Maps and ACL files, before and since Patref.

const colours = HaproxyMap.new('/dev/null', HaproxyMap._str);
const networks = HaproxyMap.new('/dev/null', HaproxyMap._ip);

core.register_fetches('colour', (_txn, key = '') => colours.lookup(key) ?? 'no colour');

core.register_fetches('network', (txn) => networks.slookup(txn.sf.src()));

core.register_action(
  'remember',
  ['http-req'],
  (_txn, file = '', key = '', value = '') => {
    core.set_map(file, key, value);
  },
  3,
);

core.register_action(
  'forget',
  ['http-req'],
  (_txn, file = '', key = '') => {
    core.del_map(file, key);
  },
  2,
);

core.register_action(
  'acl',
  ['http-req'],
  (_txn, file = '', key = '') => {
    core.add_acl(file, key);
    core.del_acl(file, key);
  },
  2,
);

core.register_action(
  'replace_all',
  ['http-req'],
  (txn, file = '') => {
    const patref = core.get_patref(file);
    if (!patref.is_map()) return act.ERROR;
    patref.prepare();
    const [added, reason] = patref.add_bulk({ red: '#f00', green: '#0f0' });
    if (added === undefined) {
      txn.Warning(`${patref.get_name()}: ${reason}`);
      patref.giveup();
      return act.ERROR;
    }
    patref.add('blue', '#00f');
    patref.set('red', '#e00', true);
    if (patref.get('green') !== '#0f0' || !patref.del('green')) patref.purge();
    const [committed] = patref.commit();
    for (const [key, value] of patref) txn.Debug(`${key}=${value}`);
    patref.event_sub(['PAT_REF_ADD'], (event, _data, subscription, when) => {
      core.Info(`${event} at ${when}`);
      subscription.unsub();
    });
    return committed === true ? act.CONTINUE : act.ERROR;
  },
  1,
);
