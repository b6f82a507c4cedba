"""How Numba compiles kernels, and the parts of them only as far as the kernels that call them need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit, typeof, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import infer, infer_global, make_intrinsic_template
from numba.extending import overload

from taoxi.normalize.kernel import instructions, parts
from taoxi.normalize.machine import Image


def compiled(function: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[Image | None, Callable[..., Any]]:
    """Compile a kernel for arguments of the kinds of these.

    Returns:
        What can be kept of it (None if it holds for this process only), and the function.
    """
    _learn()
    options: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}  # of the second, Numba's types do not know
    dispatcher: Any = njit(**options)(function)
    signature = tuple(typeof(argument) for argument in arguments)
    code: Callable[..., Any] = dispatcher.compile(signature)
    result = dispatcher.overloads[signature]
    if result.reload_init or result.lifted or result.library.has_dynamic_globals:
        return None, code
    _name, _kind, (machine_code, _bitcode) = result.library.serialize_using_object_code()
    others = [found for found in result._find_referenced_environments() if found is not result.environment]  # noqa: SLF001
    environments = [(found.env_name, list(found.consts)) for found in (result.environment, *others)]
    entry = result.fndesc.llvm_cpython_wrapper_name
    return Image(machine_code, function.__module__, entry, environments), code


def _learn() -> None:
    """Tell Numba of what kernels may call."""
    options: Any = {"pipeline_class": _Compiler, "no_cfunc_wrapper": True, "no_cpython_wrapper": True}
    while parts:
        name, function = parts.pop()
        overload(name, jit_options=options, strict=False)(_giving(function))
    while instructions:
        name, generator = instructions.pop()
        template = make_intrinsic_template(name, generator, generator.__name__)
        infer(template)
        infer_global(name, types.Function(template))


def _giving(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *_arguments, **_named: function


class _Library(JITCodeLibrary):
    """The code of a part, which is linked into the kernels, and optimized there."""

    def _optimize_final_module(self) -> None:
        pass


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):
    _name = "taoxi_part_lowering"

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401 - numba has no types
        state.library = _Library(state.targetctx.codegen(), state.func_id.func_qualname)  # type: ignore[no-untyped-call]
        state.library.enable_object_caching()
        return bool(super().run_pass(state))  # type: ignore[no-untyped-call]


class _Compiler(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        """Return Numba's pipeline with the lowering of parts."""
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.passes = [(_Lowering if step is NativeLowering else step, why) for step, why in pipeline.passes]
        pipeline.finalize()
        return [pipeline]
