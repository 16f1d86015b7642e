/** @noSelfInFile */

/** A HAProxy variable as Lua sees it; nil when it is not set. */
type VariableValue = string | number | boolean | undefined;

/** Variables, as a transaction and the applets offer them. Names carry their scope: `proc.`, `sess.`, `txn.`, `req.`, `res.`. */
interface HasVariables {
  /**
   * Sets a variable; false if HAProxy refused it (told since 2.2).
   * @param onlyIfExists do not create the variable: set it only if the configuration knows it (since 2.2)
   * @since 1.8 in applets, 1.6 in transactions
   */
  set_var(name: string, value: string | number | boolean, onlyIfExists?: boolean): boolean;
  /** Forgets a variable; false if HAProxy refused (told since 2.2). @since 1.8 in applets and transactions */
  unset_var(name: string): boolean;
  /** The value of a variable, or nil. @since 1.8 in applets, 1.6 in transactions */
  get_var(name: string): VariableValue;
}

/** A Lua value that lives as long as the transaction or applet. */
interface HasPrivateData {
  /** The value kept by `set_priv`, or nil. @since 1.7 in applets, 1.6 in transactions */
  get_priv(): unknown;
  /** Keeps any Lua value until the transaction or applet ends. @since 1.7 in applets, 1.6 in transactions */
  set_priv(data: unknown): void;
}
